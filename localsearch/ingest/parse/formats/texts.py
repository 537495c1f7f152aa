"""Plain text and source code."""

from __future__ import annotations

import re

from localsearch.ingest.parse import encoding
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_PARAGRAPHS = re.compile(r"\n[^\S\n]*\n\s*")


def read(source: Source) -> Reading:
    """Plain text: paragraphs are parted by empty lines."""
    builder = Builder()
    for paragraph in _PARAGRAPHS.split(_text(source)):
        builder.paragraph(paragraph)
    return _reading(builder)


def read_code(source: Source) -> Reading:
    """Source code: groups of lines parted by empty lines, indents kept."""
    builder = Builder()
    for group in _PARAGRAPHS.split(_text(source)):
        builder.code(group)
    return _reading(builder)


def _text(source: Source) -> str:
    return encoding.decode(source.data).replace("\r\n", "\n").replace("\r", "\n")


def _reading(builder: Builder) -> Reading:
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    return Reading((Document(blocks),))
