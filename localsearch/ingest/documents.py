"""Documents that are not files: judged collections are indexed by the same splitter, encoder and store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from localsearch.ingest.batch import Batch, store
from localsearch.ingest.prepare import PreparedFile, split_document
from localsearch.records import Document, Report
from localsearch.store import cache
from localsearch.store.writer import StoredFile, Writer

if TYPE_CHECKING:
    from localsearch.encoder.onnx import Encoder
    from localsearch.ingest.pipeline import Plan


def store_documents(writer: Writer, documents: Mapping[str, Document], plan: Plan, encoder: Encoder) -> Report:
    """Split, encode and store `documents`, keyed by the path they are to have."""
    encoded = 0
    batch = Batch()

    def count(passages: int) -> None:
        nonlocal encoded
        encoded += passages

    for name, document in documents.items():
        stored = split_document(document, encoder.token_offsets, plan.passage_size, plan.fingerprint)
        file = StoredFile(os.fsencode(name), name, "text", 0, 0, b"", plan.parser)
        batch.add(PreparedFile(file, (stored,)))
        if batch.full:
            store(batch, writer, encoder, count, names=False)
            batch = Batch()
    store(batch, writer, encoder, count, names=False)
    cache.rebuild(writer, plan.dim)
    passages = int(writer.connection.execute("SELECT count(*) FROM passages").fetchone()[0])
    return Report(added=len(documents), passages=passages, encoded=encoded)
