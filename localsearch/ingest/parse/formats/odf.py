"""OpenDocument texts, presentations and flat XML files: headings, lists, tables, slides with their notes."""

from __future__ import annotations

from xml.etree import ElementTree

from localsearch.ingest.parse import metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import xmldata
from localsearch.ingest.parse.formats.xmldata import name_of
from localsearch.ingest.parse.parts import Parts
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

Element = ElementTree.Element

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_MOST_REPEATED = 50
"""A cell or row may say that it stands for a million; so many are written out."""
_BLANKS = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_NOT_SHOWN = frozenset(("annotation", "tracked-changes", "forms", "settings", "sequence-decls", "ruby-text", "desc"))


def read(source: Source) -> Reading:
    """One document. Raises Unreadable."""
    texts = _packed(source) if source.data.startswith(b"PK") else [source.data]
    try:
        roots = [xmldata.parse(xmldata.decode(text)) for text in texts if text]
    except ElementTree.ParseError as error:
        raise Unreadable(f"damaged: {error}") from None
    builder = Builder()
    titles = _title_styles(roots)
    for root in roots:
        for body in _named(root, "body"):
            _Reader(builder, titles).add_all(body)
    _add_furniture(builder, roots)
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    return Reading((_document(builder, roots),))


def _packed(source: Source) -> list[bytes]:
    """The content and the metadata of a packed document. Raises Unreadable."""
    parts = Parts(source.data, source.limits)
    if b"encryption-data" in parts.read("META-INF/manifest.xml"):
        raise Unreadable("encrypted")
    content = parts.read("content.xml")
    if not content:
        raise Unreadable("damaged: no content, or far too much of it")
    return [content, parts.read("meta.xml"), parts.read("styles.xml")]


def _title_styles(roots: list[Element]) -> set[str]:
    """The names of the styles that are, or are derived from, the one for titles."""
    styles = [style for root in roots for style in _named(root, "style")]
    derived = {_attribute(style, "name") for style in styles if _attribute(style, "parent-style-name") == "Title"}
    return {"Title", *derived}


def _add_furniture(builder: Builder, roots: list[Element]) -> None:
    """Add the texts of page headers and footers, each once."""
    builder.page = None
    builder.forget_headings()
    found = (part for root in roots for master in _named(root, "master-page") for part in master)
    texts = ("\n".join(_written(line) for line in part.iter(f"{_TEXT}p")) for part in found if _is_furniture(part))
    for text in dict.fromkeys(texts):
        builder.paragraph(text)


def _is_furniture(element: Element) -> bool:
    return name_of(element).startswith(("header", "footer"))


def _attribute(element: Element, name: str) -> str:
    """An attribute by its name without namespace; empty when it is missing."""
    return next((value for key, value in element.attrib.items() if key.endswith("}" + name)), "")


def _document(builder: Builder, roots: list[Element]) -> Document:
    facts = {name_of(fact): xmldata.text_of(fact) for root in roots for meta in _named(root, "meta") for fact in meta}
    title = metadata.title(facts.get("title", "")) or metadata.title(builder.first_heading())
    author = metadata.author(facts.get("creator") or facts.get("initial-creator") or "")
    date = metadata.date(facts.get("date", "")) or metadata.date(facts.get("creation-date", ""))
    return Document(builder.blocks(), title, author, date)


def _named(root: Element, name: str) -> list[Element]:
    return [element for element in root.iter() if name_of(element) == name]


class _Reader:
    """Walks the body of a document and fills a builder."""

    def __init__(self, builder: Builder, titles: set[str]) -> None:
        self._builder = builder
        self._titles = titles
        self._slides = 0

    def add_all(self, parent: Element) -> None:
        for element in parent:
            self._add(element)

    def _add(self, element: Element) -> None:
        name = name_of(element)
        if name in _NOT_SHOWN:
            return
        if name == "h":
            self._builder.heading(_written(element), _outline_level(element))
        elif name == "p":
            self._add_paragraph(element)
        elif name == "list":
            self._builder.paragraph("\n".join(_items(element)))
        elif name == "table":
            self._builder.table(_rows(element))
        elif name == "page":
            self._add_slide(element)
        else:
            self.add_all(element)

    def _add_paragraph(self, element: Element) -> None:
        style = element.get(f"{_TEXT}style-name", "")
        if style in self._titles:
            self._builder.heading(_written(element), 1)
        else:
            self._builder.paragraph(_written(element))

    def _add_slide(self, page: Element) -> None:
        self._slides += 1
        self._builder.page = self._slides
        self._builder.forget_headings()
        for frame in sorted(page, key=lambda frame: _attribute(frame, "class") != "title"):
            if _attribute(frame, "class") == "title":
                self._builder.heading(" ".join(_written(part) for part in frame.iter(f"{_TEXT}p")), 1)
            elif name_of(frame) == "notes":
                self._builder.paragraph("\n".join(_written(part) for part in frame.iter(f"{_TEXT}p")))
            else:
                self._add(frame)


def _outline_level(heading: Element) -> int:
    level = heading.get(f"{_TEXT}outline-level", "1")
    return int(level) if level.isdigit() and level != "0" else 1


def _items(element: Element, indent: str = "") -> list[str]:
    """The items of a list and of the lists within it, one line each."""
    lines = []
    for item in element:
        for part in item:
            if name_of(part) == "list":
                lines += _items(part, indent + "  ")
            elif text := " ".join(_written(part).split()):
                lines.append(f"{indent}- {text}")
    return lines


def _rows(table: Element) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in table.iter(f"{_TABLE}table-row"):
        cells: list[str] = []
        for cell in row:
            if name_of(cell) in ("table-cell", "covered-table-cell"):
                text = "\n".join(_written(part) for part in cell.iter(f"{_TEXT}p"))
                cells += [text] * _repeated(cell, "columns")
        rows += [cells] * (_repeated(row, "rows") if any(cells) else 1)
    return rows


def _repeated(element: Element, what: str) -> int:
    number = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return min(int(number), _MOST_REPEATED) if number.isdigit() else 1


def _written(element: Element) -> str:
    """The text of a paragraph: blanks, tabs and line breaks are elements of their own; notes follow in brackets."""
    pieces = [element.text or ""]
    for child in element:
        name = name_of(child)
        if child.tag in _BLANKS:
            count = child.get(f"{_TEXT}c", "1")
            pieces.append(_BLANKS[child.tag] * (min(int(count), _MOST_REPEATED) if count.isdigit() else 1))
        elif name == "note-body":
            pieces.append(" [" + " ".join(_written(part) for part in child) + "]")
        elif name not in _NOT_SHOWN and name != "note-citation":
            pieces.append(_written(child))
        pieces.append(child.tail or "")
    return "".join(pieces)
