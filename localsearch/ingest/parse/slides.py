"""Presentations: one page for each slide, speaker notes after its text."""

from __future__ import annotations

from localsearch.ingest.parse import library, metadata, structure
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.source import Reader, Reading, Source, Unreadable
from localsearch.records import Document

_NOTES = "\n\nNotes:\n\n"


def reader(mime: str) -> Reader:
    """A reader of presentations."""

    def read(source: Source) -> Reading:
        result = library.structured(source.data, mime, markers=True)
        notes = _notes(library.plain(source.data, mime, markers=True).content)
        builder = Builder()
        nodes = (result.document or {}).get("nodes") or ()
        for number, slide in structure.pages_of(nodes):
            builder.page = number
            builder.forget_headings()
            structure.add_nodes(builder, slide)
            if number in notes:
                builder.paragraph(notes[number])
        blocks = builder.blocks()
        if not blocks:
            raise Unreadable("no text")
        facts = metadata.facts(result.metadata, written="modified_at")
        title = facts.title or metadata.title(builder.first_heading())
        return Reading((Document(blocks, title, facts.author, facts.date),))

    return read


def _notes(text: str) -> dict[int, str]:
    """Speaker notes by slide; the structure lacks them, the plain text has them at the end of each slide."""
    parts = library.PAGE_MARKER.split(text)  # text before the first, number, text, number, text ...
    found = {}
    for number, slide in zip(parts[1::2], parts[2::2], strict=True):
        _, mark, notes = slide.rpartition(_NOTES)
        if mark:
            found[int(number)] = notes
    return found
