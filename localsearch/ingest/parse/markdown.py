"""Markdown."""

from __future__ import annotations

from localsearch.ingest.parse import encoding, library, structure
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document


def read(source: Source) -> Reading:
    text = encoding.decode(source.data)
    result = library.structured(text.encode(), "text/markdown")
    builder = Builder()
    structure.add_nodes(builder, (result.document or {}).get("nodes") or ())
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    return Reading((Document(blocks, builder.first_heading()),))
