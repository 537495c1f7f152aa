"""PowerPoint presentations (PPTX): slide by slide, each with its tables and speaker notes."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from localsearch.ingest.parse import metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import openxml
from localsearch.ingest.parse.formats.openxml import attribute, child
from localsearch.ingest.parse.formats.xmldata import name_of
from localsearch.ingest.parse.parts import Parts
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

Element = ElementTree.Element

_TITLES = ("title", "ctrTitle")
_FURNITURE = ("sldNum", "dt", "ftr", "hdr", "sldImg")
"""Placeholders for slide numbers, dates and the like."""
_GROUPS = frozenset(("sptree", "grpsp", "alternatecontent", "choice"))


def read(source: Source) -> Reading:
    """One document, a page for each slide. Raises Unreadable."""
    parts = Parts(source.data, source.limits)
    builder = Builder()
    slides = openxml.pages(parts) or sorted(name for name in parts.names if name.startswith("ppt/slides/slide"))
    for number, name in enumerate(slides, start=1):
        builder.page = number
        builder.forget_headings()
        _add_slide(builder, parts, name)
    openxml.add_extras(builder, parts)
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    facts = openxml.facts(parts)
    title = facts.title or metadata.title(builder.first_heading())
    return Reading((Document(blocks, title, facts.author, facts.date),))


def _add_slide(builder: Builder, parts: Parts, name: str) -> None:
    root = openxml.parsed(parts, name)
    if root is None:
        openxml.salvage(builder, parts.read(name))
        return
    shapes = list(_shapes(root))
    # The title is drawn anywhere and read first.
    for shape in sorted(shapes, key=lambda shape: _placeholder(shape) not in _TITLES):
        _add_shape(builder, shape)
    for note in (one for one in openxml.relations(parts, name).values() if "/notesSlides/" in one):
        notes = openxml.parsed(parts, note)
        for shape in () if notes is None else _shapes(notes):
            if _placeholder(shape) == "body":
                builder.paragraph(_text(shape))


def _shapes(root: Element) -> Iterator[Element]:
    """Everything drawn on a slide, in the order of drawing; groups opened."""
    for element in root:
        name = name_of(element)
        if name in ("sp", "graphicframe", "cxnsp", "pic"):
            yield element
        elif name in _GROUPS or name == "csld":
            yield from _shapes(element)


def _placeholder(shape: Element) -> str:
    """What kind of placeholder a shape fills; empty for any other shape."""
    mark = child(shape, "nvsppr", "nvpr", "ph")
    return "" if mark is None else attribute(mark, "type") or "body"


def _add_shape(builder: Builder, shape: Element) -> None:
    kind = _placeholder(shape)
    if kind in _FURNITURE:
        return
    table = child(shape, "graphic", "graphicdata", "tbl")
    if table is not None:
        rows = (row for row in table if name_of(row) == "tr")
        builder.table([[_text(cell) for cell in row if name_of(cell) == "tc"] for row in rows])
    elif kind in _TITLES:
        builder.heading(_text(shape), level=1)
    else:
        builder.paragraph(_text(shape))


def _text(shape: Element) -> str:
    """The paragraphs of a shape, one line each."""
    paragraphs = (openxml.text_of(element).strip() for element in shape.iter() if name_of(element) == "p")
    return "\n".join(filter(None, paragraphs))
