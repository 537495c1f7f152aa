"""HTML files: decode, read the markup."""

from __future__ import annotations

import re

from localsearch.ingest.parse import encoding
from localsearch.ingest.parse.formats import markup
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


def read(source: Source) -> Reading:
    """One document; scripts, styles and navigation are left out. Raises Unreadable."""
    page = markup.read(decode(source.data))
    if not page.blocks:
        raise Unreadable("no text")
    return Reading((Document(page.blocks, page.title, page.author, page.date),))


def decode(data: bytes, declared: str = "") -> str:
    """The text of an HTML file, by the encoding that it declares when it fits."""
    match = _CHARSET.search(data[:4096])
    return encoding.decode(data, declared or (match[1].decode("ascii", "ignore") if match else ""))
