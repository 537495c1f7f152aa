"""Presentations: one page for each slide, speaker notes after its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localsearch.ingest.parse import library, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import openxml, structure
from localsearch.ingest.parse.parts import Parts
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_NOTES = "\n\nNotes:\n\n"


def read(source: Source) -> Reading:
    """One document. Raises Unreadable."""
    builder = Builder()
    parts = Parts(source.data, source.limits)
    properties: Mapping[str, Any] = {}
    notes: tuple[str, ...] = ()
    try:
        result = library.structured(source.data, _PPTX, markers=True)
        properties = result.metadata
        _add_slides(builder, (result.document or {}).get("nodes") or (), _notes_of(source.data))
    except Unreadable as error:
        openxml.salvage(builder, parts)
        if not builder.blocks():
            raise
        notes = (f"{error}; only its text was saved",)
    openxml.add_extras(builder, parts)
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    facts = metadata.facts(properties, written="modified_at")
    title = facts.title or metadata.title(builder.first_heading())
    return Reading((Document(blocks, title, facts.author, facts.date),), notes)


def _add_slides(builder: Builder, nodes: Sequence[structure.Node], notes: Mapping[int, str]) -> None:
    for number, slide in structure.pages_of(nodes):
        builder.page = number
        builder.forget_headings()
        structure.add_nodes(builder, slide)
        if number in notes:
            builder.paragraph(notes[number])


def _notes_of(data: bytes) -> dict[int, str]:
    """Speaker notes by slide; the structure lacks them, the plain text has them at the end of each slide."""
    text = library.plain(data, _PPTX, markers=True).content
    parts = library.PAGE_MARKER.split(text)  # text before the first, number, text, number, text ...
    found = {}
    for number, slide in zip(parts[1::2], parts[2::2], strict=True):
        _, mark, notes = slide.rpartition(_NOTES)
        if mark:
            found[int(number)] = notes
    return found
