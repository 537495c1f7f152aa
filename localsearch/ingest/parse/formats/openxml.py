"""DOCX, PPTX and XLSX: what kreuzberg leaves out (comments, charts, diagrams, headers), and what it gives up on."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath
from xml.etree import ElementTree

from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import xmldata
from localsearch.ingest.parse.formats.xmldata import name_of
from localsearch.ingest.parse.parts import Parts

Element = ElementTree.Element

_LISTS_OF_PAGES = {"ppt/presentation.xml": "sldid", "xl/workbook.xml": "sheet"}
"""Which element of which part lists the slides or sheets in order."""
_NOTED = re.compile(r"comments?\d*\.xml|threadedComment\d*\.xml|modernComment[\w-]*\.xml|data\d*\.xml|drawing\d*\.xml")
_THREADS = "xl/threadedComments/"
_CHART = re.compile(r"chart(?:Ex)?\d*\.xml")
_FURNITURE = re.compile(r"word/(?:header|footer)\d*\.xml")
_PARAGRAPH = re.compile(r"<(?:w|a):p[ >/].*?</(?:w|a):p>|<(?:x:)?si>.*?</(?:x:)?si>", re.DOTALL)
_RUN = re.compile(r"<(?:w:|a:|x:)?t(?: [^>]*)?>([^<]*)</|<(w:tab|w:br|a:br)\b")
_SALVAGED = re.compile(r"(word/document|ppt/slides/slide(\d+)|ppt/notesSlides/notesSlide(\d+)|xl/sharedStrings)\.xml")


def add_extras(builder: Builder, parts: Parts) -> None:
    """Add comments, charts and diagrams, each to its page; a part that is damaged is passed over."""
    for page, name in _extras(parts):
        builder.page = page
        builder.forget_headings()
        root = _parsed(parts, name)
        if root is None:
            continue
        if _CHART.fullmatch(basename(name)):
            _add_chart(builder, root)
        else:
            builder.paragraph("\n".join(_paragraphs(root)))


def furniture(parts: Parts) -> list[str]:
    """The texts of all page headers and footers of a word processor document, each once."""
    roots = (_parsed(parts, name) for name in sorted(parts.names) if _FURNITURE.fullmatch(name))
    texts = ("\n".join(_paragraphs(root)) for root in roots if root is not None)
    return list(dict.fromkeys(text for text in texts if text.strip()))


def salvage(builder: Builder, parts: Parts) -> None:
    """Add the text of a damaged document: its runs of text, whatever stands between them."""
    found = (match for name in parts.names if (match := _SALVAGED.fullmatch(name)))
    for match in sorted(found, key=lambda match: (int(match[2] or match[3] or 0), match[0])):
        number = match[2] or match[3]
        builder.page = int(number) if number else None
        for paragraph in _PARAGRAPH.finditer(xmldata.decode(parts.read(match[0]))):
            runs = (run[1] if run[1] is not None else " " for run in _RUN.finditer(paragraph[0]))
            builder.paragraph(html.unescape("".join(runs)))


def _extras(parts: Parts) -> Iterator[tuple[int | None, str]]:
    """Names of the parts to be read, and the page of each: the one that refers to it."""
    hosts = {target: page for host, page in _pages(parts) for target in _targets(parts, host)}
    threaded = any(name.startswith(_THREADS) for name in parts.names)
    for name in sorted(parts.names, key=_natural):
        if threaded and name.startswith("xl/comments"):
            continue  # the same comments again, with an excuse for older programs
        wanted = _NOTED.fullmatch(basename(name)) or _CHART.fullmatch(basename(name))
        if wanted and name.startswith(("word/", "ppt/", "xl/")) and not name.startswith("xl/worksheets"):
            yield hosts.get(name), name


def _pages(parts: Parts) -> Iterator[tuple[str, int]]:
    """The parts that are slides or sheets, and their numbers."""
    for name, element_name in _LISTS_OF_PAGES.items():
        root = _parsed(parts, name)
        targets = dict(_relations(parts, name))
        listed = [element for element in (root.iter() if root is not None else ()) if name_of(element) == element_name]
        for number, element in enumerate(listed, start=1):
            keys = [value for key, value in element.attrib.items() if key.endswith("}id")]
            if keys and keys[0] in targets:
                yield targets[keys[0]], number


def _targets(parts: Parts, host: str, depth: int = 0) -> Iterator[str]:
    """Parts that a page refers to, also through its drawings."""
    for _, name in _relations(parts, host):
        yield name
        if depth == 0 and "/drawings/" in name:
            yield from _targets(parts, name, depth + 1)


def _relations(parts: Parts, host: str) -> Iterator[tuple[str, str]]:
    """Ids and names of the parts that a part refers to."""
    folder = dirname(host)
    root = _parsed(parts, f"{folder}/_rels/{basename(host)}.rels")
    for relation in () if root is None else root:
        target = relation.get("Target", "")
        name = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
        yield relation.get("Id", ""), name


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts chart10 after chart9."""
    return [(int(piece), "") if piece.isdigit() else (0, piece) for piece in re.split(r"(\d+)", name)]


def _parsed(parts: Parts, name: str) -> Element | None:
    data = parts.read(name)
    try:
        return xmldata.parse(xmldata.decode(data)) if data else None
    except ElementTree.ParseError:
        return None


def _paragraphs(root: Element) -> Iterator[str]:
    """The text of every paragraph, or of the whole part where it has none."""
    found = [element for element in root.iter() if name_of(element) in ("p", "text", "si")]
    for element in found or [root]:
        runs = (part.text or "" for part in element.iter() if name_of(part) == "t" or (part is element and part.text))
        text = "".join(runs).strip()
        if text:
            yield text


def _add_chart(builder: Builder, root: Element) -> None:
    """A chart as a table: its title, then categories in the first column and a column for each series."""
    titles = [xmldata.text_of(title) for title in root.iter() if name_of(title) == "title"]
    builder.paragraph(" ".join(filter(None, titles)))
    names, columns, categories = [], [], list[str]()
    for series in (element for element in root.iter() if name_of(element) == "ser"):
        names.append(" ".join(_cached(series, "tx")))
        columns.append(_cached(series, "val") or _cached(series, "yVal"))
        categories = categories or _cached(series, "cat") or _cached(series, "xVal")
    height = max((len(column) for column in [categories, *columns]), default=0)
    table = [[*categories, *[""] * height][:height], *([*column, *[""] * height][:height] for column in columns)]
    builder.table([["", *names], *map(list, zip(*table, strict=True))])


def _cached(series: Element, name: str) -> list[str]:
    """The values that a chart keeps of the cells it was drawn from."""
    for element in series:
        if name_of(element) == name:
            return [xmldata.text_of(value) for value in element.iter() if name_of(value) == "v"]
    return []
