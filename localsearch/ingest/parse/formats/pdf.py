"""PDF: one run of lines for each page, made into paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from localsearch.ingest.parse import library, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import pages
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

MIME = "application/pdf"


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
    if not any(text.strip() for text in texts):
        count = len(texts) or result.metadata.get("page_count") or 0
        raise Unreadable(f"no text layer ({count} page{'s' if count != 1 else ''})")
    builder = Builder()
    pages.add_pages(builder, texts, _bookmarks(result.uris or ()), numbered=numbered)
    facts = metadata.facts(result.metadata, written="created_at")
    return Reading((Document(builder.blocks(), facts.title, facts.author, facts.date),))


def _bookmarks(links: Iterable[Mapping[str, Any]]) -> dict[int, list[str]]:
    """Headings of the document's own outline by page."""
    found: dict[int, list[str]] = {}
    for link in links:
        if link.get("kind") == "anchor" and link.get("label") and link.get("page"):
            found.setdefault(int(link["page"]), []).append(str(link["label"]))
    return found
