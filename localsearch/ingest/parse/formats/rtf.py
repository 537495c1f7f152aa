"""RTF: paragraphs and tables, each run of text in the code page of its font.

Source: Rich Text Format Specification 1.9.1. The file is a stream of groups `{ }`, control words `\\name123` and
text; a group keeps the state of what is around it. Groups that hold no body text ("destinations") are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from localsearch.ingest.parse import metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?"  # control word
    rb"|\\'([0-9a-fA-F]{2})"  # one byte of text
    rb"|\\([^a-zA-Z])"  # control symbol
    rb"|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.DOTALL,
)
# Font character sets to code pages; 0 is Western, 1 the default, 2 symbols.
_CHARACTER_SETS = {
    **{77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5", 161: "cp1253"},
    **{162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874"},
    **{238: "cp1250", 254: "cp437", 255: "cp850"},
}
_DESTINATIONS = frozenset(
    (
        *(b"colortbl", b"stylesheet", b"listtable", b"listoverridetable", b"revtbl", b"rsidtbl", b"generator"),
        *(b"pict", b"shprslt", b"objdata", b"themedata", b"colorschememapping", b"datastore", b"latentstyles"),
        *(b"xmlnstbl", b"fldinst", b"filetbl", b"mmathPr", b"fontemb", b"nonshppict", b"bkmkstart", b"bkmkend"),
        *(b"pgptbl", b"wgrffmtfilter", b"template", b"userprops", b"docvar", b"factoidname", b"sp", b"panose"),
        *(b"falt", b"listname", b"levelnumbers", b"leveltext", b"pntext", b"pntxta", b"pntxtb", b"listtext"),
    )
)
_READ_ANYWAY = frozenset((b"shpinst", b"shptxt", b"footnote", b"annotation", b"shpgrp"))
"""Destinations that a reader may leave out, but that hold text."""
_SPECIAL = {
    **{b"tab": "\t", b"line": "\n", b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’"},
    **{b"ldblquote": "“", b"rdblquote": "”", b"emspace": " ", b"enspace": " ", b"qmspace": " "},
}
_FACTS = {b"title": "title", b"author": "author", b"creatim": "created", b"revtim": "revised"}
_DATE_PARTS = (b"yr", b"mo", b"dy", b"hr", b"min")
_CODE_PAGES = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
_DEEPEST = 10_000


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits from the one around it."""

    skipped: bool = False
    """Inside a destination that is no text."""
    font: int = -1
    fact: str = ""
    """Which property of the document is being written; empty in the body."""
    fallback: int = 1
    """How many characters follow a \\u for readers without Unicode."""
    in_fonts: bool = False
    hidden: bool = False


def read(source: Source) -> Reading:
    """One document. Raises Unreadable."""
    reader = _Reader()
    reader.read(source.data)
    blocks = reader.builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    title = metadata.title(reader.facts.get("title", "")) or metadata.title(reader.builder.first_heading())
    author = metadata.author(reader.facts.get("author", ""))
    date = reader.date("revised") or reader.date("created")
    return Reading((Document(blocks, title, author, date),))


class _Reader:
    def __init__(self) -> None:
        self.builder = Builder()
        self.facts: dict[str, str] = {}
        self._dates: dict[str, dict[bytes, int]] = {}
        self._state = _State()
        self._stack: list[_State] = []
        self._page = "cp1252"
        self._font_pages: dict[int, str] = {}
        self._bytes = bytearray()
        """Text of one font that is not decoded yet: a character may be spread over several tokens."""
        self._text: list[str] = []
        self._cells: list[str] = []
        self._rows: list[list[str]] = []
        self._in_table = False
        self._to_skip = 0
        """Characters that stand for a \\u before them."""
        self._starred = False

    def read(self, data: bytes) -> None:
        """Read everything; what is damaged is passed over."""
        place = 0
        while match := _TOKEN.match(data, place):
            place = match.end()
            word, number, code, symbol, brace, text = match.groups()
            if word is not None:
                binary = self._word(word, None if number is None else int(number))
                place += binary if place + binary <= len(data) else 0  # more than there is: a lie
            elif code is not None:
                self._write(bytes((int(code, 16),)))
            elif symbol is not None:
                self._symbol(symbol)
            elif brace is not None:
                self._group(brace)
            elif text is not None:
                self._write(text)
        self._end_paragraph()
        self._end_table()

    def date(self, fact: str) -> int | None:
        parts = self._dates.get(fact, {})
        try:
            year, month, day, hour, minute = (parts.get(name, 0) for name in _DATE_PARTS)
            return metadata.seconds(datetime(year, month, day, hour, minute, tzinfo=UTC))
        except ValueError:
            return None

    def _group(self, brace: bytes) -> None:
        self._decode()
        self._starred = False
        if brace == b"{":
            if len(self._stack) >= _DEEPEST:
                raise Unreadable("damaged: nested too deeply")
            self._stack.append(self._state)
        elif self._stack:
            self._state = self._stack.pop()

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = True
        elif symbol in b"\\{}":
            self._write(symbol)
        elif symbol == b"~":
            self._say(" ")
        elif symbol == b"_":
            self._say("-")
        elif symbol in b"\r\n":
            self._end_paragraph()

    def _word(self, word: bytes, number: int | None) -> int:
        """Obey a control word. Returns how many bytes of binary data follow it."""
        starred, self._starred = self._starred, False
        if word == b"bin":
            return max(number or 0, 0)
        if word == b"u" and number is not None:
            self._unicode(number)
        elif word in _SPECIAL:
            self._say(_SPECIAL[word])
        elif word in (b"par", b"sect", b"page", b"row", b"cell", b"nestcell", b"nestrow", b"pard"):
            self._structure(word)
        elif word in _DESTINATIONS or (starred and word not in _READ_ANYWAY):
            self._decode()
            self._state = replace(self._state, skipped=True)
        else:
            self._format(word, number)
        return 0

    def _format(self, word: bytes, number: int | None) -> None:
        """Words that change the state: fonts, code pages, properties of the document."""
        if number is not None and word in (b"f", b"ansicpg", b"fcharset", b"uc"):
            self._set(word, number)
        elif word in _CODE_PAGES:
            self._page = _CODE_PAGES[word]
        elif word == b"fonttbl":
            self._state = replace(self._state, in_fonts=True)
        elif word == b"v":
            self._decode()
            self._state = replace(self._state, hidden=number != 0)
        elif word == b"info":
            self._state = replace(self._state, fact="other")
        elif self._state.fact:
            self._fact(word, number)
        elif word == b"intbl":
            self._in_table = True

    def _set(self, word: bytes, number: int) -> None:
        if word == b"f":
            self._decode()
            self._state = replace(self._state, font=number)
        elif word == b"ansicpg" and number:
            self._page = f"cp{number}" if number != 936 else "gb18030"
        elif word == b"fcharset" and number in _CHARACTER_SETS:
            self._font_pages[self._state.font] = _CHARACTER_SETS[number]
        elif word == b"uc":
            self._state = replace(self._state, fallback=min(max(number, 0), 10))

    def _fact(self, word: bytes, number: int | None) -> None:
        if word in _FACTS:
            self._state = replace(self._state, fact=_FACTS[word])
            self.facts.pop(_FACTS[word], None)  # said again, in Unicode
        elif word in _DATE_PARTS and number is not None:
            self._dates.setdefault(self._state.fact, {})[word] = number

    def _structure(self, word: bytes) -> None:
        if self._state.skipped or self._state.fact:
            return
        if word == b"pard":
            self._in_table = False
        elif word in (b"cell", b"nestcell"):
            self._decode()
            self._cells.append("".join(self._text))
            self._text = []
        elif word in (b"row", b"nestrow"):
            self._rows.append(self._cells)
            self._cells = []
        else:
            self._end_paragraph()

    def _unicode(self, number: int) -> None:
        """A UTF-16 unit, signed; the characters that stand for it follow."""
        self._decode()
        unit = number & 0xFFFF
        self._put(chr(unit))
        self._to_skip = self._state.fallback

    def _write(self, data: bytes) -> None:
        """Bytes of text."""
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        self._bytes += data

    def _say(self, text: str) -> None:
        """Characters of text."""
        self._decode()
        self._put(text)

    def _decode(self) -> None:
        """The bytes collected become text in the code page of their font."""
        if not self._bytes:
            return
        page = self._font_pages.get(self._state.font, self._page)
        try:
            text = self._bytes.decode(page, "replace")
        except LookupError:
            text = self._bytes.decode("cp1252", "replace")
        self._bytes.clear()
        self._put(text)

    def _put(self, text: str) -> None:
        state = self._state
        if state.skipped or state.in_fonts or state.hidden:
            return
        if state.fact:
            self.facts[state.fact] = self.facts.get(state.fact, "") + text
        else:
            self._text.append(text)

    def _end_paragraph(self) -> None:
        self._decode()
        if self._in_table:
            self._text.append("\n")
            return
        self._end_table()
        self.builder.paragraph("".join(self._text))
        self._text = []

    def _end_table(self) -> None:
        if self._cells:
            self._rows.append(self._cells)
        if self._rows:
            self.builder.table(self._rows)
        self._cells, self._rows = [], []
