"""PDF: one run of lines for each page, made into paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from localsearch.ingest.parse import library, metadata, pdfium
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import pages
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

MIME = "application/pdf"

_LINE_END = re.compile(r"\r?\n")
_UNKNOWN_LETTERS = re.compile("[\x00-\x01\x03-\x08\x0b-\x1f]")
_LONG = 2_500
"""Pages. kreuzberg reads all pages or none, some 7 ms each: of a longer document the pages are asked for one by one."""


def read(source: Source) -> Reading:
    """Read the text layer, page by page. Raises Unreadable."""
    count = pdfium.page_count(source.data)
    if count > _LONG:
        return _read_long(source, count)
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
    texts, blank = _second_look(source, texts)
    texts = [_legible(text) for text in texts]
    if not any(text.strip() for text in texts):
        raise _no_layer(len(texts) or result.metadata.get("page_count") or 0)
    builder = Builder()
    pages.add_pages(builder, texts, _bookmarks(result.uris or ()), numbered=numbered)
    facts = metadata.facts(result.metadata, written="created_at")
    return Reading((Document(builder.blocks(), facts.title, facts.author, facts.date),), _without_text(texts, blank))


def _read_long(source: Source, count: int) -> Reading:
    """As many pages as there is time for, without outline and properties. Raises Unreadable."""
    found = list(pdfium.read(source.data, range(1, count + 1), until=source.budget.until))
    texts = [_legible(page.text) for page in found]
    if not any(text.strip() for text in texts):
        raise _no_layer(count)
    builder = Builder()
    pages.add_pages(builder, texts, {})
    notes = _without_text(texts, {page.number for page in found if _is_blank(page)})
    if len(found) < count:
        notes = (f"only the first {len(found):,} of {count:,} pages were read", *notes)
    return Reading((Document(builder.blocks()),), notes)


def _no_layer(count: int) -> Unreadable:
    return Unreadable(f"no text layer ({count} page{'s' if count != 1 else ''})")


def _second_look(source: Source, texts: list[str]) -> tuple[list[str], set[int]]:
    """The same pages, with text for those that seem empty but are not; and the numbers of those that show no picture.

    kreuzberg gives up on a page where a font maps a letter to half a character (a lone surrogate). Only such pages
    are read again, as long as there is time.
    """
    empty = [number for number, text in enumerate(texts, start=1) if not text.strip()]
    found = {page.number: page for page in pdfium.read(source.data, empty, until=source.budget.until)}
    seen = [found[number].text if number in found else text for number, text in enumerate(texts, start=1)]
    return seen, {page.number for page in found.values() if _is_blank(page)}


def _is_blank(page: pdfium.Page) -> bool:
    return not page.text.strip() and not page.picture


def _without_text(texts: Sequence[str], blank: set[int]) -> tuple[str, ...]:
    """A note when pages that are not blank have no text, as scanned ones or those of a font without letters."""
    silent = sum(not text.strip() and number not in blank for number, text in enumerate(texts, start=1))
    verb = "has" if silent == 1 else "have"
    return (f"{silent:,} of {len(texts):,} pages {verb} no text",) if silent else ()


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
