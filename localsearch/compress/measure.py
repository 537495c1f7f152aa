"""Is the exported encoder still the original? Parity, agreement and ranking quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.encoder.card import Pooling
from localsearch.encoder.onnx import Encoder
from localsearch.evaluate import Dataset, ndcg, read_dataset

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from localsearch.records import Float32Matrix

DIVERSE = (
    "",
    "a",
    "Invoice 2024-0117: EUR 1,250.00, payable within 30 days.",
    "Die Kündigungsfrist beträgt drei Monate zum Quartalsende.",
    "合同的通知期为三个月。",
    "Le préavis est de trois mois — sauf accord contraire…",
    "Τιμή, срок, السعر, कीमत, 가격",
    "👍🏽 done ✓ \u200b\u00a0 tab\tand\nnew line",
    "def total(prices):\n    return sum(price * 1.19 for price in prices)",
    "https://example.org/a?b=c#d user@example.org +49 (0)30 123456",
    "[CLS] [SEP] [MASK] [UNK] ##s",
    "x" * 150,
    "The supplier shall indemnify the customer against all claims. " * 60,  # longer than any encoder reads
    "PRICE LIST\nBolt M8 | 0.12 | 1,000\nNut M8 | 0.08 | 1,000\n" * 3,
)
"""Texts of many scripts, lengths and kinds."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How close two encoders' vectors of the same texts are."""

    texts: int
    mean: float
    """Cosine."""
    least: float


def largest_difference(encoder: Encoder, reference: SentenceTransformer, max_tokens: int, prefix: str = "") -> float:
    """The largest absolute difference to sentence-transformers running the original, over `DIVERSE`.

    `prefix`: what the encoder puts before a passage by itself.
    """
    import numpy as np

    reference.max_seq_length = max_tokens
    reference.default_prompt_name = None  # the prefix is given with the text
    expected = np.stack([reference.encode(prefix + text, normalize_embeddings=True) for text in DIVERSE])
    return float(np.abs(encoder.encode_passages(DIVERSE) - expected).max())


def original(folder: Path, pooling: Pooling | None = None) -> SentenceTransformer:
    """sentence-transformers with the model in `folder`, in float32; `pooling` for folders that do not say how."""
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    reference.float()  # weights that are stored in half precision would be computed in it
    if pooling is not None:
        reference[1].pooling_mode = pooling.value
    return reference


@dataclass(frozen=True, slots=True)
class Encoded:
    """A judged collection and its vectors from one encoder."""

    documents: Float32Matrix
    """(documents, dim), in the collection's order."""
    queries: Float32Matrix
    """(queries, dim), judged ones, in the collection's order."""
    scores: tuple[float, ...]
    """nDCG@10 of each query: dense retrieval alone, exact search, whole documents cut at the encoder's limit."""

    @property
    def ndcg10(self) -> float:
        return sum(self.scores) / max(len(self.scores), 1)


def encode_dataset(encoder: Encoder, folder: Path) -> Encoded:
    """Encode a collection in BEIR layout and measure the ranking. Raises PathProblem on another layout."""
    return encode_set(encoder, read_dataset(folder))


def encode_set(encoder: Encoder, dataset: Dataset) -> Encoded:
    """Encode a judged collection and measure the ranking."""
    import numpy as np

    documents = encoder.encode_passages([f"{doc.title} {doc.text}".strip() for doc in dataset.documents.values()])
    judged = [query for query in dataset.queries if query in dataset.judgements]
    queries = np.stack([encoder.encode_query(dataset.queries[query]) for query in judged])
    return Encoded(documents, queries, _ndcg(dataset, judged, queries @ documents.T))


def _ndcg(dataset: Dataset, judged: Sequence[str], cosines: Float32Matrix) -> tuple[float, ...]:
    """Of each query. `cosines`: (queries, documents)."""
    names = list(dataset.documents)
    found = []
    for query, row in zip(judged, cosines, strict=True):
        ranked = [names[place] for place in (-row).argsort(kind="stable")[:10]]
        found.append(ndcg(ranked, dataset.judgements[query], 10))
    return tuple(found)


def agreement(encoded: Mapping[str, Encoded], reference: Mapping[str, Encoded]) -> Agreement:
    """Cosine between two encoders' vectors of the same documents and queries."""
    import numpy as np

    cosines = np.concatenate(
        [
            (ours * theirs).sum(axis=1)
            for name in reference
            for ours, theirs in (
                (encoded[name].documents, reference[name].documents),
                (encoded[name].queries, reference[name].queries),
            )
        ]
    )
    return Agreement(len(cosines), float(cosines.mean()), float(cosines.min()))
