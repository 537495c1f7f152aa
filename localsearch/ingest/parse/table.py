"""The formats, one entry each, and the way from a file's bytes to its documents."""

from __future__ import annotations

from localsearch.ingest.parse import delimited, markdown, office, pdf, sheets, slides, texts, web
from localsearch.ingest.parse.detect import detect
from localsearch.ingest.parse.source import Reader, Source, Unreadable
from localsearch.records import Parsed

PARSER_VERSION = "1"
"""Goes into every file's row: a file that failed or was read by another version is parsed again."""

_OFFICE = "application/vnd.openxmlformats-officedocument."

FORMATS: dict[str, Reader] = {
    "pdf": pdf.read,
    "docx": office.reader(_OFFICE + "wordprocessingml.document"),
    "pptx": slides.reader(_OFFICE + "presentationml.presentation"),
    "xlsx": sheets.reader(_OFFICE + "spreadsheetml.sheet"),
    "odt": office.reader("application/vnd.oasis.opendocument.text"),
    "rtf": office.reader("application/rtf"),
    "md": markdown.read,
    "html": web.read,
    "csv": delimited.read,
    "txt": texts.read,
}


def read(source: Source) -> Parsed:
    """Find out what the bytes are and read them."""
    name = detect(source.data, source.extension) or "txt"
    reader = FORMATS.get(name, texts.read)
    try:
        reading = reader(source)
    except Unreadable as error:
        return Parsed(reason=str(error), type=name)
    return Parsed(documents=reading.documents, type=name, notes=reading.notes)


def refused_by_name(name: str) -> str:
    """Why a file is not worth opening, judged by its name alone; empty when it is."""
    return ""
