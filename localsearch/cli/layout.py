"""Fitting text into a terminal: columns, not characters, and marks that take no room."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import TextIO

MARK, END = "\x01", "\x02"
"""Around a matched word: bold. `display()` lets no mark through, so text from outside cannot hold any."""
BEST, BEST_END = "\x03", "\x04"
"""Around the best sentence: underlined."""
SHADES, SHADE_END = "\x05\x06\x07", "\x0e"
"""Before and after a word of a heat map; the later the shade, the stronger."""
_CLOSED_BY = {MARK: END, BEST: BEST_END, **dict.fromkeys(SHADES, SHADE_END)}
_BLACK_ON = "\x1b[38;5;16;48;5;{}m"
"""Black letters on a light ground are legible whatever the terminal's own colours are."""
_STYLES = {
    MARK: "\x1b[1m",
    END: "\x1b[22m",
    BEST: "\x1b[4m",
    BEST_END: "\x1b[24m",
    **{shade: _BLACK_ON.format(colour) for shade, colour in zip(SHADES, (230, 222, 214), strict=True)},
    SHADE_END: "\x1b[39;49m",
}
_DRESSED = str.maketrans(_STYLES)
_BARE = str.maketrans(dict.fromkeys(_STYLES, ""))
WIDEST = 100
"""Columns; longer lines are hard to read."""


def terminal_width(stream: TextIO) -> int:
    """Columns of the terminal behind `stream`; 80 when there is none or it does not say."""
    try:
        return int(os.environ.get("COLUMNS") or os.get_terminal_size(stream.fileno()).columns) or 80
    except (OSError, ValueError):
        return 80


def is_styled(stream: TextIO) -> bool:
    """Whether `stream` is a terminal that knows and may be sent escape sequences (https://no-color.org)."""
    return is_live(stream) and not os.environ.get("NO_COLOR")


def is_live(stream: TextIO) -> bool:
    """Whether `stream` is a terminal on which a line can be written over."""
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def columns(text: str) -> int:
    """Columns that `text` takes on a terminal: two for wide East Asian characters, none for combining ones."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if character in _STYLES or unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int) -> str:
    """`text` if it fits into `width` columns, else its end cut off for an ellipsis."""
    if columns(text) <= width:
        return text
    head, _ = _take(text, width - 1)
    return f"{head}{_ends(_open_marks(head))}…"


def wrap(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` columns, broken at line ends, then at spaces where there are any; no empty ones.

    Marks never cross a line's end: they end with it and begin again on the next.
    """
    opened = ""
    for line in text.split("\n"):
        rest = line.rstrip()
        while rest:
            part, rest = _next_line(rest, width)
            part = opened + part
            opened = _open_marks(part)
            yield part + _ends(opened)


def _open_marks(text: str) -> str:
    """The marks that `text` begins and does not end, in their order."""
    opened = ""
    for character in text:
        if character in _CLOSED_BY:
            opened += character
        elif character in _STYLES:
            opened = "".join(mark for mark in opened if _CLOSED_BY[mark] != character)
    return opened


def _ends(opened: str) -> str:
    return "".join(_CLOSED_BY[mark] for mark in reversed(opened))


def _next_line(text: str, width: int) -> tuple[str, str]:
    if columns(text) <= width:
        return text, ""
    head, rest = _take(text, width)
    if not rest.startswith(" "):
        space = head.rfind(" ")
        if space > 0:
            head, rest = head[:space], head[space:] + rest
    return head.rstrip(" "), rest.lstrip(" ")


def _take(text: str, width: int) -> tuple[str, str]:
    """As much of the start of `text` as fits, at least one character, and the rest."""
    used = 0
    for position, character in enumerate(text):
        used += _columns_of(character)
        if used > width and position:
            return text[:position], text[position:]
    return text, ""


def first_lines(text: str, width: int, count: int) -> list[str]:
    """The first `count` lines of `text`, wrapped; the last one ends in an ellipsis when there are more."""
    lines = list(islice(wrap(text, width), count + 1))
    if len(lines) > count:
        lines[count - 1 :] = [next(wrap(lines[count - 1], width - 2)) + " …"]
    return lines


def styled(line: str, *, style: bool) -> str:
    """Marks made styles, or dropped where the output is not a terminal."""
    return line.translate(_DRESSED if style else _BARE)


def stdout_width() -> int:
    return min(terminal_width(sys.stdout), WIDEST)
