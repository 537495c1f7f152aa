"""Visio drawings (VSDX): the text of the shapes, page by page."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

from localsearch.ingest.parse import xmldata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_PAGE = re.compile(r"visio/pages/page(\d+)\.xml")


def read(source: Source) -> Reading:
    """One document. Raises Unreadable."""
    builder = Builder()
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            pages = sorted((int(match[1]), name) for name in archive.namelist() if (match := _PAGE.fullmatch(name)))
            for number, name in pages:
                builder.page = number
                for shape in xmldata.parse(xmldata.decode(archive.read(name))).iter():
                    if xmldata.name_of(shape) == "text":
                        builder.paragraph(xmldata.text_of(shape))
    except (zipfile.BadZipFile, ElementTree.ParseError, OSError, ValueError, RuntimeError) as error:
        raise Unreadable(f"damaged: {error}") from None
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    return Reading((Document(blocks),))
