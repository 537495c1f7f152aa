"""Word processor documents and books by kreuzberg's structure: DOCX and EPUB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localsearch.ingest.parse import library, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import markup, openxml, structure, web
from localsearch.ingest.parse.parts import Parts
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_CHUNKS = (".htm", ".html", ".xhtml", ".mht", ".mhtml", ".txt")


def read_docx(source: Source) -> Reading:
    """Body, notes and comments, then page headers and footers. Raises Unreadable."""
    builder = Builder()
    parts = Parts(source.data, source.limits)
    properties: Mapping[str, Any] = {}
    notes: tuple[str, ...] = ()
    try:
        result = library.structured(source.data, _DOCX)
        properties = result.metadata
        structure.add_nodes(builder, (result.document or {}).get("nodes") or ())
    except Unreadable as error:
        openxml.salvage(builder, parts)
        if not builder.blocks():
            raise
        notes = (f"{error}; only its text was saved",)
    openxml.add_extras(builder, parts)
    _add_chunks(builder, parts)
    builder.forget_headings()
    for text in openxml.furniture(parts):
        builder.paragraph(text)
    return _reading(builder, properties, notes)


def read_epub(source: Source) -> Reading:
    """All chapters in order. Raises Unreadable."""
    result = library.structured(source.data, "application/epub+zip")
    builder = Builder()
    structure.add_nodes(builder, (result.document or {}).get("nodes") or ())
    return _reading(builder, result.metadata, ())


def _add_chunks(builder: Builder, parts: Parts) -> None:
    """Documents of other formats that Word would merge into this one (altChunk)."""
    for name in parts.names:
        if name.startswith("word/") and name.lower().endswith(_CHUNKS):
            for block in markup.read(web.decode(parts.read(name))).blocks:
                builder.paragraph(block.text)


def _reading(builder: Builder, properties: Mapping[str, Any], notes: tuple[str, ...]) -> Reading:
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    facts = metadata.facts(properties, written="modified_at")
    title = facts.title or metadata.title(builder.first_heading())
    return Reading((Document(blocks, title, facts.author, facts.date),), notes)
