"""Visio drawings (VSDX): the text of the shapes, page by page."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import xmldata
from localsearch.ingest.parse.parts import Parts
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_PAGE = re.compile(r"visio/pages/page(\d+)\.xml")


def read(source: Source) -> Reading:
    """One document. Raises Unreadable."""
    parts = Parts(source.data, source.limits)
    pages = sorted((int(match[1]), match[0]) for name in parts.names if (match := _PAGE.fullmatch(name)))
    builder = Builder()
    try:
        for number, name in pages:
            builder.page = number
            for shape in xmldata.parse(xmldata.decode(parts.read(name))).iter():
                if xmldata.name_of(shape) == "text":
                    builder.paragraph(xmldata.text_of(shape))
    except ElementTree.ParseError as error:
        raise Unreadable(f"damaged: {error}") from None
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    return Reading((Document(blocks),))
