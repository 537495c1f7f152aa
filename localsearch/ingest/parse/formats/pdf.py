"""PDF: one run of lines for each page, made into paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from localsearch.ingest.parse import library, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import pages
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

MIME = "application/pdf"

_LINE_END = re.compile(r"\r?\n")
_UNKNOWN_LETTERS = re.compile("[\x00-\x01\x03-\x08\x0b-\x1f]")
_SECOND_LOOK_PAGES = 150
"""A second look takes some 40 ms a page."""


def read(source: Source) -> Reading:
    """Read the text layer, page by page. Raises Unreadable."""
    numbered = True
    try:
        result = library.plain(source.data, MIME)
    except Unreadable as error:
        if "page" not in str(error):
            raise
        # A page tree that does not add up: the text is there, the numbers of its pages are lost.
        numbered = False
        result = library.plain(source.data, MIME, pages=False)
    texts = [page["content"] for page in result.pages or ()] if numbered else [result.content]
    texts = [_legible(text) for text in _second_look(source.data, texts)]
    if not any(text.strip() for text in texts):
        count = len(texts) or result.metadata.get("page_count") or 0
        raise Unreadable(f"no text layer ({count} page{'s' if count != 1 else ''})")
    builder = Builder()
    pages.add_pages(builder, texts, _bookmarks(result.uris or ()), numbered=numbered)
    facts = metadata.facts(result.metadata, written="created_at")
    return Reading((Document(builder.blocks(), facts.title, facts.author, facts.date),))


def _second_look(data: bytes, texts: list[str]) -> list[str]:
    """The same pages, with text for those that seem empty but are not.

    kreuzberg gives up on a page where a font maps a letter to half a character (a lone surrogate); its slow way of
    reading loses only that line.
    """
    if all(text.strip() for text in texts) or len(texts) > _SECOND_LOOK_PAGES:
        return texts
    try:
        found = library.texts_by_page(data, MIME)
    except Unreadable:
        return texts
    return [text if text.strip() else found.get(number, "") for number, text in enumerate(texts, start=1)]


def _legible(text: str) -> str:
    """The text without lines in a font that does not tell its letters: they come as control characters."""
    lines = (line for line in _LINE_END.split(text) if len(_UNKNOWN_LETTERS.findall(line)) <= 0.1 * len(line))
    # In such fonts the mark of a broken word may be the blank.
    return "\n".join(line.replace("\x02", " ") if line.count("\x02") > line.count(" ") + 1 else line for line in lines)


def _bookmarks(links: Iterable[Mapping[str, Any]]) -> dict[int, list[str]]:
    """Headings of the document's own outline by page."""
    found: dict[int, list[str]] = {}
    for link in links:
        if link.get("kind") == "anchor" and link.get("label") and link.get("page"):
            found.setdefault(int(link["page"]), []).append(str(link["label"]))
    return found
