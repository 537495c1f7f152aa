"""Markdown: rendered to HTML and read like a web page; front matter gives title, author and date."""

from __future__ import annotations

import re

from localsearch.ingest.parse import encoding, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import markup
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_PROPERTY = re.compile(r"^(title|author|date):[ \t]*(.+)$", re.MULTILINE | re.IGNORECASE)
_HEADING_ATTRIBUTES = re.compile(r"^(#+ .*?)[ \t]*\{[#.][^{}\n]*\}[ \t]*$", re.MULTILINE)
_FOOTNOTE = re.compile(r"^\[\^([^\]\n]+)\]:", re.MULTILINE)


def read(source: Source) -> Reading:
    """One document. Raises Unreadable."""
    text = encoding.decode(source.data).replace("\r\n", "\n").lstrip("\ufeff")
    properties = dict[str, str]()
    if match := _FRONT_MATTER.match(text):
        properties = {key.lower(): value.strip().strip("\"'") for key, value in _PROPERTY.findall(match[1])}
        text = text[match.end() :]
    builder = Builder()
    add(builder, text)
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    title = metadata.title(properties.get("title", "")) or metadata.title(builder.first_heading())
    author = metadata.author(properties.get("author", ""))
    return Reading((Document(blocks, title, author, metadata.date(properties.get("date", ""))),))


def add(builder: Builder, text: str) -> None:
    """Add a text in Markdown: CommonMark with tables; footnotes stay where they are written."""
    from markdown_it import MarkdownIt

    text = _FOOTNOTE.sub(r"(\1)", _HEADING_ATTRIBUTES.sub(r"\1", text))
    markup.add(builder, MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
