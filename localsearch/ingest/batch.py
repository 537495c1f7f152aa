"""Batches: how much is read and encoded before it is committed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localsearch.ingest.prepare import PreparedFile
from localsearch.naming import spoken_name
from localsearch.records import SourceFile
from localsearch.store.keys import name_key
from localsearch.store.writer import Writer

if TYPE_CHECKING:
    from localsearch.encoder.onnx import Encoder

PASSAGES = 2_048
TEXT = 64 * 1024 * 1024
"""Code points of text in one batch."""
SECONDS = 10.0
"""After this long, what is there is committed."""
STEP = 256
"""Passages encoded between two commits of vectors: a few seconds of work, enough to keep all cores busy."""


@dataclass(slots=True)
class Batch:
    """Files that will be stored in one transaction."""

    files: list[PreparedFile] = field(default_factory=list)
    touched: list[SourceFile] = field(default_factory=list)
    """Files whose bytes are those already stored."""
    passages: int = 0
    text: int = 0
    since: float = field(default_factory=time.monotonic)

    def add(self, prepared: PreparedFile) -> None:
        self.files.append(prepared)
        self.passages += prepared.passages
        self.text += sum(len(passage.text) for document in prepared.documents for passage in document.passages)

    @property
    def full(self) -> bool:
        return self.passages >= PASSAGES or self.text >= TEXT or time.monotonic() - self.since >= SECONDS


def store(
    batch: Batch, writer: Writer, encoder: Encoder, encoded: Callable[[int], None], *, names: bool = True
) -> None:
    """Encode what has no vector yet, then commit the batch's files in one transaction.

    Vectors are committed step by step ahead of their passages, so that an interruption of a long batch costs one
    step. `encoded` hears of every step's number of passages. `names`: whether the paths are names of files.
    """
    texts = {
        key: passage.encoded_text
        for prepared in batch.files
        for document in prepared.documents
        for key, passage in zip(document.keys, document.passages, strict=True)
    }
    missing = writer.missing(texts)
    for part in steps({key: text for key, text in texts.items() if key in missing}):
        writer.add_vectors(list(part), encoder.encode_passages(list(part.values())))
        encoded(len(part))
    if names:
        _store_names(batch, writer, encoder)
    writer.replace((prepared.file, prepared.documents) for prepared in batch.files)


def _store_names(batch: Batch, writer: Writer, encoder: Encoder) -> None:
    """The embeddings of the files' names: each counts for all passages of its file, so it is not encoded with them."""
    names = {
        name_key(encoder.fingerprint, name): name
        for prepared in batch.files
        for document in prepared.documents
        if (name := spoken_name(prepared.file.shown, document.document.member))
    }
    missing = writer.missing(names)
    if missing:
        writer.add_vectors(list(missing), encoder.encode_passages([names[key] for key in missing]))


def steps(texts: Mapping[bytes, str]) -> Iterator[dict[bytes, str]]:
    """Steps of passages of similar length, the longest first."""
    ordered = sorted(texts, key=lambda key: len(texts[key]), reverse=True)
    for start in range(0, len(ordered), STEP):
        yield {key: texts[key] for key in ordered[start : start + STEP]}
