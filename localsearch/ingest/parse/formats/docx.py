"""Word documents (DOCX): headings by their styles, lists, tables, text boxes, notes, headers and footers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

from localsearch.ingest.parse import metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import markup, openxml, web, xmldata
from localsearch.ingest.parse.formats.openxml import attribute, child
from localsearch.ingest.parse.formats.xmldata import name_of
from localsearch.ingest.parse.parts import Parts
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

Element = ElementTree.Element

_BODY = "word/document.xml"
_FURNITURE = re.compile(r"word/(?:header|footer)\d*\.xml")
_CHUNKS = (".htm", ".html", ".xhtml", ".mht", ".mhtml", ".txt")
_HEADING_STYLE = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop|rubrik) ?(\d)", re.IGNORECASE)
_TITLE_STYLES = frozenset(("title", "titel", "titre", "título", "titolo"))
_TRANSPARENT = frozenset(("sdt", "sdtcontent", "ins", "moveto", "customxml", "smarttag", "alternatecontent", "choice"))
"""Elements that only enclose paragraphs."""
_NOTES = {"footnotereference": "word/footnotes.xml", "endnotereference": "word/endnotes.xml"}
_DEEPEST_STYLE = 20


def read(source: Source) -> Reading:
    """One document. Raises Unreadable."""
    parts = Parts(source.data, source.limits)
    builder = Builder()
    notes: tuple[str, ...] = ()
    body = parts.read(_main_part(parts))
    try:
        reader = _Reader(builder, _levels(parts), _footnotes(parts))
        reader.add_all(xmldata.children(xmldata.decode(body), "body"))
        reader.end_list()
    except (ElementTree.ParseError, RecursionError) as error:
        notes = (f"damaged: {error}",) if body else ("damaged: the part with the text is missing",)
        if not builder.blocks():
            openxml.salvage(builder, body)
    openxml.add_extras(builder, parts)
    _add_surroundings(builder, parts)
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable(notes[0] if notes else "no text")
    facts = openxml.facts(parts)
    title = facts.title or metadata.title(builder.first_heading())
    return Reading((Document(blocks, title, facts.author, facts.date),), notes)


def _main_part(parts: Parts) -> str:
    """The part that holds the body; packages name it, nearly always the same."""
    named = [name for name in openxml.relations(parts, "").values() if name.endswith("document.xml")]
    return named[0] if named and named[0] in parts.names else _BODY


def _add_surroundings(builder: Builder, parts: Parts) -> None:
    """Add documents that Word would merge into this one (altChunk), then page headers and footers, each once."""
    builder.forget_headings()
    for name in parts.names:
        if name.startswith("word/") and name.lower().endswith(_CHUNKS):
            for block in markup.read(web.decode(parts.read(name))).blocks:
                builder.paragraph(block.text)
    roots = [openxml.parsed(parts, name) for name in sorted(parts.names) if _FURNITURE.fullmatch(name)]
    for text in dict.fromkeys(_joined(root) for root in roots if root is not None):
        builder.paragraph(text)


def _joined(root: Element) -> str:
    """All paragraphs below an element as lines."""
    texts = (openxml.text_of(element).strip() for element in root.iter() if name_of(element) == "p")
    return "\n".join(filter(None, texts))


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    parent: str
    outline: str
    """Outline level, 0 the highest; empty when the style says nothing."""


def _levels(parts: Parts) -> dict[str, int]:
    """The heading level of every paragraph style that is one, by its id."""
    root = openxml.parsed(parts, "word/styles.xml")
    styles = {}
    for element in () if root is None else root:
        if name_of(element) == "style":
            styles[attribute(element, "styleId")] = _Style(
                name=_value(child(element, "name")),
                parent=_value(child(element, "basedon")),
                outline=_value(child(element, "ppr", "outlinelvl")),
            )
    return {key: level for key in styles if (level := _level(styles, key))}


def _level(styles: dict[str, _Style], key: str) -> int:
    """The level of one style: by its name, its outline level, or the style that it is based on. 0: no heading."""
    for _ in range(_DEEPEST_STYLE):
        style = styles.get(key)
        if style is None:
            return 0
        if match := _HEADING_STYLE.fullmatch(style.name):
            return int(match[1])
        if style.name.lower() in _TITLE_STYLES:
            return 1
        if style.outline.isdigit():
            return int(style.outline) + 1 if int(style.outline) < 9 else 0
        key = style.parent
    return 0


def _value(element: Element | None) -> str:
    return "" if element is None else attribute(element, "val")


def _footnotes(parts: Parts) -> dict[tuple[str, str], str]:
    """The texts of footnotes and endnotes, by the element that refers to them and its id."""
    found = {}
    for reference, name in _NOTES.items():
        root = openxml.parsed(parts, name)
        for note in () if root is None else root:
            found[reference, attribute(note, "id")] = _joined(note)
    return found


class _Reader:
    """Walks the body and fills a builder."""

    def __init__(self, builder: Builder, levels: dict[str, int], notes: dict[tuple[str, str], str]) -> None:
        self._builder = builder
        self._levels = levels
        self._notes = notes
        self._items: list[str] = []

    def add_all(self, elements: Iterable[Element]) -> None:
        for element in elements:
            name = name_of(element)
            if name == "p":
                self._add_paragraph(element)
            elif name == "tbl":
                self.end_list()
                self._add_table(element)
            elif name in _TRANSPARENT:
                self.add_all(element)

    def end_list(self) -> None:
        """What list items were collected become one paragraph."""
        self._builder.paragraph("\n".join(self._items))
        self._items = []

    def _add_paragraph(self, paragraph: Element) -> None:
        text = self._text(paragraph)
        properties = child(paragraph, "ppr")
        style = _value(child(properties, "pstyle"))
        outline = _value(child(properties, "outlinelvl"))
        level = int(outline) + 1 if outline.isdigit() and int(outline) < 9 else self._levels.get(style, 0)
        if level == 0 and child(properties, "numpr") is not None and text.strip():
            self._items.append("- " + " ".join(text.split()))
        else:
            self.end_list()
            self._builder.heading(text, level) if level else self._builder.paragraph(text)
        self._add_boxes(paragraph)

    def _text(self, paragraph: Element) -> str:
        """The text of a paragraph, its notes in brackets behind it."""
        references = (element for element in paragraph.iter() if name_of(element) in _NOTES)
        notes = (self._notes.get((name_of(one), attribute(one, "id")), "") for one in references)
        return openxml.text_of(paragraph) + "".join(f" [{note}]" for note in notes if note)

    def _add_boxes(self, paragraph: Element) -> None:
        """Text boxes that are anchored in a paragraph follow it; old programs get a second copy, left out here."""
        copies = {id(box) for old in paragraph.iter() if name_of(old) == "fallback" for box in old.iter()}
        for box in paragraph.iter():
            if name_of(box) == "txbxcontent" and id(box) not in copies:
                self.end_list()
                self.add_all(box)

    def _add_table(self, table: Element) -> None:
        rows = [self._cells(row) for row in _enclosed(table, "tr")]
        if all(len(row) < 2 for row in rows):
            for row in rows:  # a frame around text
                self._builder.paragraph("\n".join(row))
        else:
            self._builder.table(rows)

    def _cells(self, row: Element) -> list[str]:
        """The cells of a row; one that spans several columns is followed by empty ones."""
        cells: list[str] = []
        for cell in _enclosed(row, "tc"):
            paragraphs = (self._text(element) for element in cell.iter() if name_of(element) == "p")
            span = _value(child(cell, "tcpr", "gridspan"))
            cells += ["\n".join(paragraphs), *[""] * (min(int(span), 64) - 1 if span.isdigit() else 0)]
        return cells


def _enclosed(element: Element, name: str) -> Iterable[Element]:
    """Children of that name, also those that something transparent encloses."""
    for one in element:
        if name_of(one) == name:
            yield one
        elif name_of(one) in _TRANSPARENT:
            yield from _enclosed(one, name)
