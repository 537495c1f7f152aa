"""The formats, one entry each, and the way from a file's bytes to its documents."""

from __future__ import annotations

from dataclasses import replace

from localsearch.ingest.parse import clean, refusals
from localsearch.ingest.parse.detect import detect
from localsearch.ingest.parse.formats import (
    archive,
    delimited,
    docx,
    drawing,
    epub,
    iwork,
    jsondata,
    mail,
    markdown,
    message,
    odf,
    pdf,
    powerpoint,
    pptx,
    rtf,
    sheets,
    texts,
    timed,
    web,
    word,
    xmldata,
)
from localsearch.ingest.parse.source import Reader, Source, Unavailable, Unreadable
from localsearch.records import Document, Parsed

PARSER_VERSION = "2"
"""Goes into every file's row: a file that failed or was read by another version is parsed again."""


FORMATS: dict[str, Reader] = {
    # Documents
    "pdf": pdf.read,
    "docx": docx.read,
    "doc": word.read,
    "odt": odf.read,
    "fodt": odf.read,
    "rtf": rtf.read,
    "epub": epub.read,
    "iwork": iwork.read,
    "vsdx": drawing.read,
    # Presentations
    "pptx": pptx.read,
    "ppt": powerpoint.read,
    "odp": odf.read,
    # Tables
    "xlsx": sheets.read_xlsx,
    "xls": sheets.read_xls,
    "ods": sheets.read_ods,
    "csv": delimited.read,
    # Web and text
    "html": web.read,
    "md": markdown.read,
    "txt": texts.read,
    "code": texts.read_code,
    "json": jsondata.read,
    "ipynb": jsondata.read,
    "xml": xmldata.read,
    "ics": timed.read_calendar,
    "vtt": timed.read_subtitles,
    # Mail
    "eml": mail.read,
    "mhtml": mail.read,
    "mbox": mail.read_mailbox,
    "msg": message.read,
    # Archives
    "zip": archive.read_zip,
    "tar": archive.read_tar,
    "7z": archive.read_7z,
    "gz": archive.compressed("gz"),
    "bz2": archive.compressed("bz2"),
    "xz": archive.compressed("xz"),
}


def read(source: Source) -> Parsed:
    """Find out what the bytes are and read them; a document that cannot be read gives its reason."""
    if not source.data:
        return Parsed(reason="empty file")
    kind = detect(source.data, source.extension)
    reader = FORMATS.get(kind)
    if reader is None:
        return Parsed(reason=refusals.by_kind(kind, source.extension), type=kind)
    try:
        reading = reader(source)
    except (MemoryError, Unavailable):  # not this member's fault alone: the whole file is given up
        raise
    except Unreadable as error:
        return Parsed(reason=clean.one_line(str(error)) or "not readable", type=kind)
    except RecursionError:
        return Parsed(reason="damaged: nested too deeply", type=kind)
    except Exception as error:  # the last line of defence: one bad document, one line
        return Parsed(reason=clean.one_line(f"damaged: {type(error).__name__}: {error}", 200), type=kind)
    return Parsed(
        documents=tuple(_presentable(one) for one in reading.documents),
        type=kind,
        notes=tuple(clean.one_line(note) for note in reading.notes),
    )


def _presentable(document: Document) -> Document:
    """The document with its names cut to a length that can be shown."""
    return replace(
        document,
        title=clean.one_line(document.title),
        author=clean.one_line(document.author),
        member=clean.one_line(document.member),
    )
