"""Why is this passage near this query? Its cosine taken apart, and the sentence that carries it.

A share says what a token's vector, made in sight of its neighbours, adds to the cosine. It does not say what the
cosine would be without the token. How the best sentence is chosen: docs/decisions/0009-explain.md.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

from localsearch.errors import PathProblem
from localsearch.records import Explanation, Share, encoded_text
from localsearch.search.fuse import UNSPACED
from localsearch.sentences import sentences_and_rows, stripped

if TYPE_CHECKING:
    from localsearch.encoder.onnx import Encoder
    from localsearch.encoder.parts import Parts
    from localsearch.records import Float32Vector, Hit
    from localsearch.store.snapshot import Reader
    from localsearch.store.sqlite import Connection

Span = tuple[int, int]

NEUTRAL = 15
"""Word pieces without meaning that each sentence is mixed with, so that a heading of two words seldom wins."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A passage as it went to the encoder."""

    context: str
    text: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence or table row that the encoder read, at least in part."""

    span: Span
    rows: list[int]
    """Of `Parts.rows`: its tokens."""


def contexts(reader: Reader, connection: Connection, hits: Sequence[Hit]) -> list[tuple[str, str]]:
    """Context and text of each hit, as they went to the encoder. Raises PathProblem when a hit's passage is gone."""
    known = {one.id: one.context for one in reader.passages(connection, [hit.passage for hit in hits])}
    gone = next((hit for hit in hits if hit.passage not in known), None)
    if gone:
        raise PathProblem(
            f"The index no longer holds the passage of {gone.path} that was found.",
            hint="Search again: the file was indexed anew, or forgotten.",
        )
    return [(known[hit.passage], hit.text) for hit in hits]


def explain_passages(encoder: Encoder, query: Float32Vector, passages: Sequence[Encoded]) -> list[Explanation]:
    """One explanation for each passage, at the cost of one run of the graph each, several at a time.

    `query`: (dim,), unit length. Raises EncoderError.
    """
    whole = [encoded_text(passage.context, passage.text) for passage in passages]
    return [
        _not_a_sum(encoder, query, one, passage.text)
        if parts is None
        else taken_apart(query, passage.text, len(one) - len(passage.text), parts)
        for one, passage, parts in zip(whole, passages, encoder.take_apart(whole), strict=True)
    ]


def taken_apart(query: Float32Vector, text: str, begin: int, parts: Parts) -> Explanation:
    """The explanation of a passage whose vector is the sum of `parts`. `text` begins at `begin` of what was read."""
    shares: list[float] = (parts.rows @ query).tolist()
    tokens = {
        row: Share(max(span[0] - begin, 0), span[1] - begin, shares[row])
        for row, span in enumerate(parts.spans)
        if span and span[1] > begin
    }
    sentences = list(_sentences(text, tokens))
    scores = [sentence_score(_cosine(parts.rows[one.rows].sum(axis=0), query), len(one.rows)) for one in sentences]
    return Explanation(
        cosine=float(parts.vector @ query),
        tokens=tuple(tokens.values()),
        context=fsum(shares[row] for row, span in enumerate(parts.spans) if span and row not in tokens),
        frame=fsum(shares[row] for row, span in enumerate(parts.spans) if span is None),
        sentences=tuple(Share(*one.span, fsum(shares[row] for row in one.rows)) for one in sentences),
        best=_best([one.span for one in sentences], scores, text),
    )


def sentence_score(cosine: float, pieces: int) -> float:
    """How well a sentence of so many word pieces carries a match: its cosine, mixed with `NEUTRAL` neutral pieces."""
    return cosine * pieces / (pieces + NEUTRAL)


def word_shares(text: str, tokens: Sequence[Share]) -> tuple[Share, ...]:
    """The shares word by word: the pieces of one word summed, punctuation left out.

    In scripts without spaces each piece is a word of its own.
    """
    words: list[Share] = []
    for token in tokens:
        for start, end in stripped(text, token.start, token.end):  # some tokenizers count the blank before a word to it
            if not any(map(str.isalnum, text[start:end])):
                continue
            before = words[-1] if words else None
            if before and before.end == start and not UNSPACED.search(text, start - 1, start + 1):
                words[-1] = Share(before.start, end, before.share + token.share)
            else:
                words.append(Share(start, end, token.share))
    return tuple(words)


def _sentences(text: str, tokens: Mapping[int, Share]) -> Iterator[_Sentence]:
    """A token belongs where its last character stands: some tokenizers count the blank before a word to it."""
    spans = list(sentences_and_rows(text))
    starts = [start for start, _ in spans]
    rows: list[list[int]] = [[] for _ in spans]
    for row, token in tokens.items():
        place = bisect_right(starts, token.end - 1) - 1
        if place >= 0 and token.end <= spans[place][1]:
            rows[place].append(row)
    return (_Sentence(span, own) for span, own in zip(spans, rows, strict=True) if own)


def _cosine(vector: Float32Vector, query: Float32Vector) -> float:
    import numpy as np

    return float(vector @ query) / max(float(np.linalg.norm(vector)), 1e-12)


def _best(spans: Sequence[Span], scores: Sequence[float], text: str) -> Span:
    """The first of the best; the text's first sentence where the context has filled the encoder's window."""
    if not spans:
        return next(sentences_and_rows(text), (0, len(text)))
    return spans[max(range(len(spans)), key=scores.__getitem__)]


def _not_a_sum(encoder: Encoder, query: Float32Vector, whole: str, text: str) -> Explanation:
    """Where shares do not exist, the best sentence is found by encoding each apart."""
    spans = list(sentences_and_rows(text))
    cuts = [text[start:end] for start, end in spans]
    cosines: list[float] = (encoder.encode_passages([whole, *cuts]) @ query).tolist()
    scores = [
        sentence_score(cosine, len(encoder.token_offsets(cut))) for cut, cosine in zip(cuts, cosines[1:], strict=True)
    ]
    return Explanation(cosines[0], (), 0.0, 0.0, (), _best(spans, scores, text), is_sum=False)
