"""Markdown: headings, lists, tables and code by kreuzberg; front matter gives the title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localsearch.ingest.parse import encoding, library, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import structure
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

MIME = "text/markdown"


def read(source: Source) -> Reading:
    """One document. Raises Unreadable."""
    builder = Builder()
    properties = add(builder, encoding.decode(source.data))
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    facts = metadata.facts(properties, written="created_at")
    title = facts.title or metadata.title(builder.first_heading())
    return Reading((Document(blocks, title, facts.author, facts.date),))


def add(builder: Builder, text: str) -> Mapping[str, Any]:
    """Add a text in Markdown and return what its front matter says."""
    result = library.structured(text.encode("utf-8", "replace"), MIME)
    structure.add_nodes(builder, (result.document or {}).get("nodes") or ())
    return dict(result.metadata)
