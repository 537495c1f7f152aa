"""Fitting text into a terminal: columns, not characters, and marks that take no room."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import TextIO

MARK, END = "\x01", "\x02"
"""Around a matched word. `display()` lets neither through, so text from outside cannot hold them."""
BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
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
    if text.isascii() and MARK not in text:
        return len(text)
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if character in (MARK, END) or unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int) -> str:
    """`text` if it fits into `width` columns, else its end cut off for an ellipsis."""
    if columns(text) <= width:
        return text
    head, _ = _take(text, width - 1)
    return f"{head}{END if head.count(MARK) > head.count(END) else ''}…"


def wrap(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` columns, broken at spaces where there are any. Marks never cross a line's end."""
    open_mark = False
    while text:
        line, text = _next_line(text, width)
        starts_open = open_mark
        open_mark = line.rfind(MARK) > line.rfind(END) or (open_mark and END not in line)
        yield f"{MARK if starts_open else ''}{line}{END if open_mark else ''}"


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
    """Marks made bold, or dropped where the output is not a terminal."""
    return line.replace(MARK, BOLD if style else "").replace(END, PLAIN if style else "")


def stdout_width() -> int:
    return min(terminal_width(sys.stdout), WIDEST)
