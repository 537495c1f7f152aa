"""What DOCX, PPTX and XLSX have in common: parts that refer to one another, properties, comments and charts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath
from xml.etree import ElementTree

from localsearch.ingest.parse import metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import xmldata
from localsearch.ingest.parse.formats.xmldata import name_of
from localsearch.ingest.parse.parts import Parts
from localsearch.ingest.parse.source import Unreadable

Element = ElementTree.Element

_LISTS_OF_PAGES = {"ppt/presentation.xml": "sldid", "xl/workbook.xml": "sheet"}
"""Which element of which part lists the slides or sheets in order."""
_NOTED = re.compile(r"comments?\d*\.xml|threadedComment\d*\.xml|modernComment[\w-]*\.xml|data\d*\.xml|drawing\d*\.xml")
"""Comments, the texts of diagrams (SmartArt), text boxes on sheets."""
_COPY = "[Threaded comment]"
"""How a comment begins that is written again elsewhere, here with an excuse for older programs."""
_CHART = re.compile(r"chart(?:Ex)?\d*\.xml")
_PARAGRAPH = re.compile(r"<(?:\w+:)?p[ >/].*?</(?:\w+:)?p>|<(?:\w+:)?si>.*?</(?:\w+:)?si>", re.DOTALL)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
"""How OOXML writes a character that XML does not allow."""
_ENTITIES = "<!ENTITY"
_RUN = re.compile(r"<(?:\w+:)?t(?: [^>]*)?>([^<]*)|<\w+:(?:tab|br)\b")

# What stands for a character inside a paragraph, in WordprocessingML and DrawingML alike.
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "nobreakhyphen": "-"}
_NOT_SHOWN = frozenset(
    ("del", "movefrom", "instrtext", "deltext", "rpr", "ppr", "txbxcontent", "fallback", "endpararpr", "annotationref")
)


def text_of(paragraph: Element) -> str:
    """The text of a paragraph as the reader sees it: no deleted or hidden runs, tabs and breaks in place."""
    pieces: list[str] = []
    _collect(paragraph, pieces)
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), "".join(pieces))


def _collect(element: Element, pieces: list[str]) -> None:
    for child in element:
        name = name_of(child)
        if name == "t":
            pieces.append(child.text or "")
        elif name in _CHARACTERS:
            pieces.append(_CHARACTERS[name])
        elif name not in _NOT_SHOWN and not (name == "r" and _is_hidden(child)):
            _collect(child, pieces)


def _is_hidden(run: Element) -> bool:
    return any(
        name_of(mark) == "vanish" and attribute(mark, "val") not in ("0", "false")
        for properties in run
        if name_of(properties) == "rpr"
        for mark in properties
    )


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without namespace; empty when it is missing."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def child(element: Element | None, *path: str) -> Element | None:
    """The first element below, one name for each level; None when there is none."""
    for name in path:
        if element is None:
            return None
        element = next((one for one in element if name_of(one) == name), None)
    return element


def parsed(parts: Parts, name: str) -> Element | None:
    """The root of a part; None when it is missing or damaged."""
    try:
        data = parts.read(name)
        return xmldata.parse(xmldata.decode(data)) if data else None
    except (ElementTree.ParseError, Unreadable):
        return None


def relations(parts: Parts, host: str) -> dict[str, str]:
    """The names of the parts that a part refers to, by the ids it uses for them."""
    folder = dirname(host)
    root = parsed(parts, join(folder, "_rels", f"{basename(host)}.rels"))
    found = {}
    for relation in () if root is None else root:
        target = relation.get("Target", "")
        found[relation.get("Id", "")] = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
    return found


def pages(parts: Parts) -> list[str]:
    """The parts that are slides or sheets, in order."""
    found = []
    for name, element_name in _LISTS_OF_PAGES.items():
        root = parsed(parts, name)
        targets = relations(parts, name)
        for element in () if root is None else root.iter():
            key = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            if name_of(element) == element_name and key in targets:
                found.append(targets[key])
    return found


def facts(parts: Parts) -> metadata.Facts:
    """Title, author and date of the last change, from the core properties."""
    root = parsed(parts, "docProps/core.xml")
    values = {} if root is None else {name_of(element): (element.text or "").strip() for element in root}
    return metadata.Facts(
        title=metadata.title(values.get("title", "")),
        author=metadata.author(values.get("creator", "")),
        date=metadata.date(values.get("modified", "")) or metadata.date(values.get("created", "")),
    )


def salvage(builder: Builder, data: bytes) -> None:
    """Add the text of a part that is no XML any more: its runs of text, paragraph by paragraph.

    Raises Unreadable when the part is an attack and not damaged.
    """
    text = xmldata.decode(data)
    if _ENTITIES in text:
        raise Unreadable("defines XML entities, which no Office program does")
    for paragraph in _PARAGRAPH.finditer(text):
        runs = (run[1] if run[1] is not None else " " for run in _RUN.finditer(paragraph[0]))
        builder.paragraph(html.unescape("".join(runs)))


def add_extras(builder: Builder, parts: Parts) -> None:
    """Add comments, charts and diagrams, each to its page; a part that is damaged is passed over."""
    for page, name in _extras(parts):
        root = parsed(parts, name)
        if root is None:
            continue
        builder.page = page
        builder.forget_headings()
        if _CHART.fullmatch(basename(name)):
            _add_chart(builder, root)
        else:
            builder.paragraph("\n".join(_paragraphs(root)))


def _extras(parts: Parts) -> Iterator[tuple[int | None, str]]:
    """Names of the parts to be read, and the page of each: the one that refers to it."""
    hosts = {target: page for page, host in enumerate(pages(parts), start=1) for target in _targets(parts, host)}
    for name in sorted(parts.names, key=_natural):
        wanted = _NOTED.fullmatch(basename(name)) or _CHART.fullmatch(basename(name))
        if wanted and name.startswith(("word/", "ppt/", "xl/")) and not name.startswith("xl/worksheets"):
            yield hosts.get(name), name


def _targets(parts: Parts, host: str, depth: int = 0) -> Iterator[str]:
    """Parts that a page refers to, also through its drawings."""
    for name in relations(parts, host).values():
        yield name
        if depth == 0 and "/drawings/" in name:
            yield from _targets(parts, name, depth + 1)


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts chart10 after chart9."""
    return [(int(piece), "") if piece.isdigit() else (0, piece) for piece in re.split(r"(\d+)", name)]


def _paragraphs(root: Element) -> Iterator[str]:
    """The text of every paragraph, or of the comments where they are not divided into any."""
    found = [element for element in root.iter() if name_of(element) == "p"]
    found = found or [element for element in root.iter() if name_of(element) in ("text", "threadedcomment", "cm")]
    for element in found:
        text = (element.text or "").strip() or text_of(element).strip()
        if text and not text.startswith(_COPY):
            yield text


def _add_chart(builder: Builder, root: Element) -> None:
    """A chart as a table: its title, then categories in the first column and a column for each series."""
    titles = [xmldata.text_of(title) for title in root.iter() if name_of(title) == "title"]
    builder.paragraph(" ".join(filter(None, titles)))
    names, columns, categories = [], [], list[str]()
    for series in (element for element in root.iter() if name_of(element) == "ser"):
        names.append(" ".join(_cached(series, "tx")))
        columns.append(_cached(series, "val") or _cached(series, "yval"))
        categories = categories or _cached(series, "cat") or _cached(series, "xval")
    height = max((len(column) for column in [categories, *columns]), default=0)
    padded = [[*column, *[""] * height][:height] for column in [categories, *columns]]
    builder.table([["", *names], *map(list, zip(*padded, strict=True))])


def _cached(series: Element, name: str) -> list[str]:
    """The values that a chart keeps of the cells it was drawn from."""
    part = child(series, name)
    return [] if part is None else [xmldata.text_of(value) for value in part.iter() if name_of(value) == "v"]
