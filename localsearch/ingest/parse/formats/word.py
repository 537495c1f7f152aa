"""Word documents of 1993 to 2003 (DOC): paragraphs, headings and tables, then footnotes and comments.

Source: [MS-DOC]. The text lies in pieces all over the stream; the piece table (Clx) puts them in order and says
which are 8-bit and which UTF-16. Paragraph properties lie in pages of 512 bytes; of them only the style is read,
because styles 1 to 9 are the headings of levels 1 to 9 in every document.
"""

from __future__ import annotations

import bisect
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from localsearch.ingest.parse import encoding, library, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.ole import Compound, DamagedCompound
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

MIME = "application/msword"

_WORD_6 = (0xA5DC, 0xA5DB)
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200  # FibBase.fEncrypted, fWhichTblStm
_CODE_PAGE_PIECE = 0x40000000
_STYLES_OFFSET, _PIECES_OFFSET = 0x102, 0x1A2  # in FibRgFcLcb97: PlcfBtePapx, Clx
_PIECE_TABLE = 0x02
_PROPERTIES_PAGE = 512
_CELL, _FIELD, _FIELD_RESULT, _FIELD_END = "\x07", "\x13", "\x14", "\x15"
_PARAGRAPH_END = re.compile("[\r\x07\x0c]")
_OBJECTS = re.compile("[\x01\x02\x03\x05\x08]")  # pictures, note marks, drawings


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text and where it lies in the stream."""

    text: str
    offset: int
    width: int
    """Bytes of a character: 1 or 2."""


def read(source: Source) -> Reading:
    """One document. Raises Unreadable."""
    try:
        compound = Compound(source.data)
    except DamagedCompound as error:
        raise Unreadable(f"damaged: {error}") from None
    stream = compound.stream("WordDocument")
    builder = Builder()
    try:
        _add_document(builder, compound, stream)
    except (struct.error, IndexError):
        raise Unreadable("damaged: the text is out of place") from None
    if not builder.blocks():
        raise Unreadable("no text")
    facts = _facts(source)
    title = facts.title or metadata.title(builder.first_heading())
    return Reading((Document(builder.blocks(), title, facts.author, facts.date),))


def _add_document(builder: Builder, compound: Compound, stream: bytes) -> None:
    """Raises Unreadable, and struct.error or IndexError where the document points out of itself."""
    (magic, flags) = struct.unpack_from("<H8xH", stream)
    if flags & _ENCRYPTED:
        raise Unreadable("encrypted")
    if magic in _WORD_6:
        _add_word_6(builder, stream)
        return
    table = compound.stream("1Table" if flags & _SECOND_TABLE else "0Table")
    pieces = list(_pieces(stream, table))
    _add_text(builder, pieces, _Styles(stream, table))


def _facts(source: Source) -> metadata.Facts:
    """The properties of the file come from kreuzberg."""
    try:
        return metadata.facts(library.plain(source.data, MIME).metadata, written="modified_at")
    except Unreadable:
        return metadata.Facts()


def _add_word_6(builder: Builder, stream: bytes) -> None:
    """Word 6 and 95 keep their text in one piece, in a Windows code page: from fcMin to fcMac."""
    (start, end) = struct.unpack_from("<II", stream, 24)
    text = encoding.decode(stream[start:end].replace(b"\0", b""))
    _add_text(builder, [Piece(text, start, 1)], None)


def _pieces(stream: bytes, table: bytes) -> Iterator[Piece]:
    """The text in order. The piece table is the part 2 of the Clx: character positions, then descriptors."""
    (place, size) = struct.unpack_from("<II", stream, _PIECES_OFFSET)
    clx = table[place : place + size]
    while clx and clx[0] != _PIECE_TABLE:
        clx = clx[3 + struct.unpack_from("<H", clx, 1)[0] :]
    (length,) = struct.unpack_from("<I", clx, 1)
    entries = clx[5 : 5 + length]
    count = (len(entries) - 4) // 12
    positions = struct.unpack_from(f"<{count + 1}I", entries)
    for number in range(count):
        (start,) = struct.unpack_from("<2xI", entries, 4 * (count + 1) + 8 * number)
        characters = positions[number + 1] - positions[number]
        if start & _CODE_PAGE_PIECE:
            offset = (start & ~_CODE_PAGE_PIECE) // 2
            yield Piece(stream[offset : offset + characters].decode("cp1252", "replace"), offset, 1)
        else:
            data = stream[start : start + 2 * characters]
            yield Piece(data.decode("utf-16-le", "replace"), start, 2)


class _Styles:
    """The style of every paragraph, by the place of its last character in the stream."""

    def __init__(self, stream: bytes, table: bytes) -> None:
        (place, size) = struct.unpack_from("<II", stream, _STYLES_OFFSET)
        entries = table[place : place + size]
        count = max((len(entries) - 4) // 8, 0)
        pages = struct.unpack_from(f"<{count}I", entries, 4 * (count + 1)) if count else ()
        self._starts: list[int] = []
        self._numbers: list[int] = []
        for page in pages:
            offset = (page & 0x3FFFFF) * _PROPERTIES_PAGE
            self._add_page(stream[offset : offset + _PROPERTIES_PAGE])

    def _add_page(self, page: bytes) -> None:
        """Bounds of paragraphs, then for each the half offset of its properties, whose first word is the style."""
        if len(page) < _PROPERTIES_PAGE:
            return
        count = page[-1]
        if 4 * (count + 1) + 13 * count > len(page):
            return
        starts = struct.unpack_from(f"<{count}I", page)
        for number, start in enumerate(starts):
            offset = 2 * page[4 * (count + 1) + 13 * number]
            # A length of 0 is followed by the real one.
            style = offset + (2 if offset and page[offset] == 0 else 1)
            self._starts.append(start)
            self._numbers.append(page[style] if offset and style < len(page) else 0)

    def level(self, offset: int) -> int:
        """The heading level of the paragraph around this place of the stream; 0 for ordinary text."""
        place = bisect.bisect_right(self._starts, offset) - 1
        number = self._numbers[place] if place >= 0 else 0
        return number if 1 <= number <= 9 else 0


def _add_text(builder: Builder, pieces: list[Piece], styles: _Styles | None) -> None:
    """Add all paragraphs. Paragraphs that end in a cell mark become cells, two marks in a row end a table row."""
    cells: list[str] = []
    rows: list[list[str]] = []
    for text, end, offset in _paragraphs(pieces):
        if end == _CELL:
            if text or not cells:
                cells.append(text)
            else:
                rows.append(cells)
                cells = []
            continue
        if rows and not cells:
            builder.table(rows)
            rows = []
        if cells:  # a cell of several paragraphs
            cells[-1] += "\n" + text
            continue
        level = styles.level(offset) if styles else 0
        if level:
            builder.heading(text, level)
        else:
            builder.paragraph(text)
    builder.table([*rows, cells])


def _paragraphs(pieces: list[Piece]) -> Iterator[tuple[str, str, int]]:
    """Every paragraph as text, the mark that ends it, and the place of that mark in the stream."""
    unfinished = ""
    for piece in pieces:
        start = 0
        for match in _PARAGRAPH_END.finditer(piece.text):
            text = _visible(unfinished + piece.text[start : match.start()])
            yield text, match[0], piece.offset + match.start() * piece.width
            unfinished, start = "", match.end()
        unfinished += piece.text[start:]
    yield _visible(unfinished), "\r", 0


def _visible(text: str) -> str:
    """Text without the instructions of fields (of a link only its text stays) and without marks of objects."""
    if _FIELD in text or _FIELD_END in text:
        text = _without_instructions(text)
    return _OBJECTS.sub("", text).replace("\x0b", "\n").replace("\x1e", "-").replace("\x1f", "").strip()


def _without_instructions(text: str) -> str:
    """Fields may stand within fields: instruction, separator, result, end."""
    kept: list[str] = []
    inside: list[bool] = []
    """For every open field whether its instruction is being read."""
    for character in text:
        if character == _FIELD:
            inside.append(True)
        elif character == _FIELD_RESULT and inside:
            inside[-1] = False
        elif character == _FIELD_END and inside:
            inside.pop()
        elif not any(inside):
            kept.append(character)
    return "".join(kept)
