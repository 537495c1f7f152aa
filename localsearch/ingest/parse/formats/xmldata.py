"""XML of any kind: paragraphs where it holds prose, `name: value` lines where it holds data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast
from xml.etree import ElementTree

from localsearch.ingest.parse import encoding, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import markup
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_PIECE = 256 * 1024
"""Characters that are parsed at a time."""
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]*(\[.*?\]\s*)?>", re.DOTALL)
# Elements of prose in the common vocabularies: DocBook, FictionBook, WordprocessingML, TEI, DITA.
_PROSE = frozenset(("p", "para", "simpara", "v", "li", "td", "th", "dd", "dt", "entry", "subtitle", "note", "ab"))
_HEADINGS = frozenset(("title", "head", "heading", "h1", "h2", "h3"))
_NOT_TEXT = frozenset(("binary", "bindata", "stylesheet", "style", "styles", "script", "fonts", "binarydata", "docpr"))


def read(source: Source) -> Reading:
    """One document. XML that is not well-formed is read like HTML. Raises Unreadable."""
    text = decode(source.data)
    try:
        root = parse(text)
    except ElementTree.ParseError:
        page = markup.read(_DOCTYPE.sub("", text), navigation=True)
        if not page.blocks:
            raise Unreadable("damaged: not well-formed XML") from None
        return Reading((Document(page.blocks, page.title),))
    builder = Builder()
    _add(builder, root, level=1)
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    return Reading((Document(blocks, metadata.title(builder.first_heading())),))


def decode(data: bytes) -> str:
    """The text of an XML file, by the encoding that it declares when it fits."""
    match = re.search(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)", data[:200])
    return encoding.decode(data, match[1].decode("ascii") if match else "").lstrip("\ufeff \r\n\t")


def parse(text: str) -> ElementTree.Element:
    """The root element. External entities are not fetched, bombs of entities are refused by expat.

    Raises ElementTree.ParseError.
    """
    text = _DECLARATION.sub("", text.replace("\0", ""))  # it is decoded already, whatever it declares
    return ElementTree.XML(text)


def children(text: str, parent: str) -> Iterator[ElementTree.Element]:
    """Every child of the first element named `parent`, as soon as it is complete; a long document is never whole.

    Raises ElementTree.ParseError where the text is damaged, after the children before the damage.
    """
    reader: ElementTree.XMLPullParser[ElementTree.Element] = ElementTree.XMLPullParser(("start", "end"))
    text = _DECLARATION.sub("", text.replace("\0", ""))
    above: list[ElementTree.Element] = []
    """The open elements from the parent on; empty outside of it."""
    for start in range(0, len(text), _PIECE):
        reader.feed(text[start : start + _PIECE])
        for event, element in cast("Iterator[tuple[str, ElementTree.Element]]", reader.read_events()):
            if event == "start" and (above or name_of(element) == parent):
                above.append(element)
            elif event == "end" and above:
                above.pop()
                if len(above) == 1:
                    yield element
                    above[0].clear()
    reader.close()


def name_of(element: ElementTree.Element) -> str:
    """The name of an element without its namespace, lower case; empty for comments."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _add(builder: Builder, element: ElementTree.Element, level: int) -> None:
    """Add an element and all below it; `level` is that of its headings."""
    name = name_of(element)
    if not name or name in _NOT_TEXT:
        return
    if name in _HEADINGS:
        builder.heading(text_of(element), level)
    elif name in _PROSE or _is_mixed(element):
        builder.paragraph(text_of(element))
    elif len(element) == 0:
        builder.paragraph(_line(element))
    else:
        _add_children(builder, element, level)


def _add_children(builder: Builder, element: ElementTree.Element, level: int) -> None:
    """Values that follow one another become the lines of one paragraph."""
    lines: list[str] = []
    for child in element:
        name = name_of(child)
        if len(child) == 0 and name not in _HEADINGS | _PROSE | _NOT_TEXT:
            lines.append(_line(child))
            continue
        builder.paragraph("\n".join(filter(None, lines)))
        lines = []
        _add(builder, child, min(level + 1, 6) if len(child) else level)
    builder.paragraph("\n".join(filter(None, lines)))


def _line(element: ElementTree.Element) -> str:
    """An element without children: its name and text, or its attributes when it has none."""
    name, text = name_of(element), text_of(element)
    if not text:
        text = ", ".join(f"{key.rpartition('}')[2]} {value}" for key, value in element.attrib.items())
    return f"{name}: {text}" if name and text else ""


def _is_mixed(element: ElementTree.Element) -> bool:
    """Whether text stands between the children."""
    return len(element) > 0 and bool(
        (element.text or "").strip() or any((child.tail or "").strip() for child in element)
    )


def text_of(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())
