"""Word processor documents and books: DOCX, DOC, ODT, RTF, EPUB and their like, by their structure."""

from __future__ import annotations

from localsearch.ingest.parse import library, metadata, structure
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.source import Reader, Reading, Source, Unreadable
from localsearch.records import Document


def reader(mime: str) -> Reader:
    """A reader of documents with headings, paragraphs and tables, but without pages."""

    def read(source: Source) -> Reading:
        result = library.structured(source.data, mime)
        builder = Builder()
        structure.add_nodes(builder, (result.document or {}).get("nodes") or ())
        blocks = builder.blocks()
        if not blocks:
            raise Unreadable("no text")
        facts = metadata.facts(result.metadata, written="modified_at")
        title = facts.title or metadata.title(builder.first_heading())
        return Reading((Document(blocks, title, facts.author, facts.date),))

    return read
