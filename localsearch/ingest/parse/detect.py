"""What a file is, by its bytes. Its extension decides only among texts, which all look alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from localsearch.ingest.parse import ole, textkind
from localsearch.ingest.parse.limits import Limits
from localsearch.ingest.parse.parts import Parts

_HEAD = 8192

_MAGIC = (
    (b"{\\rtf", "rtf"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"!BDN", "pst"),
    (b"ITSF", "chm"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "one"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"%!PS", "ps"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"8BPS", "image"),
    (b"\0\0\1\0", "image"),
    (b"\xd7\xcd\xc6\x9a", "image"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
    (b"fLaC", "sound"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"\0\0\1\xba", "video"),
    (b"\x7fELF", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\0asm", "program"),
    (b"SQLite format 3\0", "database"),
    (b"PAR1", "database"),
    (b"\x89HDF", "database"),
    (b"\x93NUMPY", "database"),
    (b"\0\1\0\0\0", "font"),
    (b"OTTO", "font"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
)
_RIFF = {b"WEBP": "image", b"WAVE": "sound", b"AVI ": "video"}
_ISO_MEDIA = {b"heic": "image", b"mif1": "image", b"avif": "image", b"M4A ": "sound"}

_MIMETYPES = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/epub+zip": "epub",
}
_ZIP_PARTS = (
    ("word/", "docx"),
    ("xl/", "xlsx"),
    ("ppt/", "pptx"),
    ("visio/", "vsdx"),
    ("Index/Document.iwa", "iwork"),
    ("META-INF/container.xml", "epub"),
    ("index.xml", "iwork"),
)
_PACKAGE_MARKS = ("Content_Types]", "_rels/", "docProps/")
_PACKAGE_ENDINGS = (".xml", ".rels", ".bin", ".vml")
_OFFICE = (
    dict.fromkeys(("docx", "docm", "dotx", "dotm"), "docx")
    | dict.fromkeys(("pptx", "pptm", "ppsx", "ppsm", "potx"), "pptx")
    | dict.fromkeys(("xlsx", "xlsm", "xltx", "xltm", "xlsb"), "xlsx")
)
_OLE_STREAMS = (
    ("encryptedpackage", "encrypted"),
    ("worddocument", "doc"),
    ("powerpoint document", "ppt"),
    ("workbook", "xls"),
    ("book", "xls"),
    ("__properties_version1.0", "msg"),
    ("visiodocument", "vsd"),
    ("fileheader", "hwp"),
    ("matost", "wps"),
    ("catalog", "thumbnails"),
)

_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_PDF = re.compile(rb"%PDF-\d")


def detect(data: bytes, extension: str) -> str:
    """The format's name as in the table of formats, or a kind that is not text: `image`, `program` ...

    Empty for bytes that are neither a known format nor text.
    """
    return _binary(data, extension) or textkind.detect(data, extension)


def _binary(data: bytes, extension: str) -> str:
    head = data[:_HEAD]
    by_magic = next((name for magic, name in _MAGIC if head.startswith(magic)), "")
    if by_magic:
        return by_magic
    if head.startswith(ole.MAGIC):
        return _compound(data)
    if _PDF.search(head[:1024]) and (b"obj" in data or extension == "pdf"):
        return "pdf"
    if head[257:262] == b"ustar":
        return "tar"
    if head.startswith(_ZIP_STARTS) or (_ZIP_STARTS[0] in head and _ZIP_STARTS[1] in data[-65558:]):
        return _zip(data, extension)
    return _media(head)


def _media(head: bytes) -> str:
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], "video")
    if head[4:8] == b"ftyp":
        return _ISO_MEDIA.get(head[8:12], "video")
    if head.startswith(b"BM") and len(head) > 26 and head[6:10] == b"\0\0\0\0":
        return "image"
    if head.startswith(b"MZ") and b"This program" in head[:512]:
        return "program"
    return ""


def _compound(data: bytes) -> str:
    try:
        names = ole.Compound(data).root.children
    except (ole.DamagedCompound, ValueError):
        return "ole"
    return next((name for stream, name in _OLE_STREAMS if stream in names), "ole")


def _zip(data: bytes, extension: str) -> str:
    parts = Parts(data, Limits())
    kind = parts.read("mimetype")[:100].decode("ascii", "replace").strip().removesuffix("-template")
    return _MIMETYPES.get(kind, "") or _by_parts(parts.names) or _remains(parts.names, extension) or "zip"


def _remains(names: Sequence[str], extension: str) -> str:
    """What an Office package was that has lost its main part; empty when it was none.

    Its parts are no documents: as members of an archive they would be read as XML.
    """
    if any(mark in name for name in names for mark in _PACKAGE_MARKS):
        return _OFFICE.get(extension, "package")
    return _OFFICE.get(extension, "") if all(name.endswith(_PACKAGE_ENDINGS) for name in names) else ""


def _by_parts(names: Sequence[str]) -> str:
    for part, format_name in _ZIP_PARTS:
        if any(name.startswith(part) for name in names):
            return format_name
    return ""
