"""Books (EPUB): the chapters in the order of the spine, read like web pages."""

from __future__ import annotations

from posixpath import dirname, join, normpath
from urllib.parse import unquote

from localsearch.ingest.parse import metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import markup, openxml, web
from localsearch.ingest.parse.formats.xmldata import name_of
from localsearch.ingest.parse.parts import Parts
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_CONTAINER = "META-INF/container.xml"
_CHAPTERS = (".xhtml", ".html", ".htm")


def read(source: Source) -> Reading:
    """One document. Raises Unreadable."""
    parts = Parts(source.data, source.limits)
    package = _package(parts)
    builder = Builder()
    for name in _spine(parts, package) or [name for name in parts.names if name.endswith(_CHAPTERS)]:
        markup.add(builder, web.decode(parts.read(name)))
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    facts = _facts(parts, package)
    title = facts.title or metadata.title(builder.first_heading())
    return Reading((Document(blocks, title, facts.author, facts.date),))


def _package(parts: Parts) -> str:
    """The name of the part that lists all others; empty when the book does not say."""
    root = openxml.parsed(parts, _CONTAINER)
    files = () if root is None else (element for element in root.iter() if name_of(element) == "rootfile")
    return next((openxml.attribute(file, "full-path") for file in files), "")


def _spine(parts: Parts, package: str) -> list[str]:
    """The chapters in reading order."""
    root = openxml.parsed(parts, package)
    elements = [] if root is None else list(root.iter())
    folder = dirname(package)
    items = {
        item.get("id", ""): normpath(join(folder, unquote(item.get("href", ""))))
        for item in elements
        if name_of(item) == "item"
    }
    chapters = (items.get(item.get("idref", ""), "") for item in elements if name_of(item) == "itemref")
    return [name for name in chapters if name in parts.names]


def _facts(parts: Parts, package: str) -> metadata.Facts:
    root = openxml.parsed(parts, package)
    values: dict[str, str] = {}
    for element in () if root is None else root.iter():
        values.setdefault(name_of(element), (element.text or "").strip())
    return metadata.Facts(
        title=metadata.title(values.get("title", "")),
        author=metadata.author(values.get("creator", "")),
        date=metadata.date(values.get("date", "")),
    )
