"""What a file is, by its bytes; its extension is only a hint among texts."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable

_HEAD = 4096

# Formats with fixed first bytes.
_MAGIC = (
    (b"{\\rtf", "rtf"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"8BPS", "image"),
    (b"\x7fELF", "program"),
    (b"MZ\x90", "program"),
    (b"SQLite format 3\0", "database"),
)


def detect(data: bytes, extension: str) -> str:
    """The format's name as in `table.FORMATS`; empty when nobody can tell."""
    head = data[:_HEAD]
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if re.search(rb"%PDF-\d", data[:1024]):
        return "pdf"
    if head.startswith(b"PK"):
        return _zip(data)
    return extension


def _zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype")[:100].decode("ascii", "replace") if "mimetype" in names else ""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, KeyError):
        return "zip"
    return _by_mimetype(kind) or _by_parts(names) or "zip"


def _by_mimetype(kind: str) -> str:
    for ending, name in (("text", "odt"), ("spreadsheet", "ods"), ("presentation", "odp"), ("epub+zip", "epub")):
        if kind.strip().removesuffix("-template").endswith(ending):
            return name
    return ""


def _by_parts(names: Iterable[str]) -> str:
    for part, name in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
        if any(one.startswith(part) for one in names):
            return name
    return ""
