"""Text from documents as lines of a terminal: made safe, marked, and wrapped by columns.

No string from outside is ever parsed for markup: a line is a tuple of runs, each a safe text with its marks.
Everything here is pure, so that it can run in any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import IntFlag
from itertools import islice, pairwise

from rich.cells import cell_len, get_character_cell_size

from localsearch.display import display

Span = tuple[int, int]


class Mark(IntFlag):
    """How a run is shown. Each member has a style class of its name; they combine."""

    PLAIN = 0
    MATCH = 1
    """A word of the query."""
    BEST = 2
    """The sentence that carries the match."""
    DIM = 4
    STRONG = 8
    ACCENT = 16
    BAR = 32
    WARNING = 64


Run = tuple[str, Mark]
Line = tuple[Run, ...]

ELLIPSIS = "…"
_BLANKS = re.compile(r"\s+")


def marked(text: str, spans: Iterable[tuple[int, int, Mark]], *, multiline: bool = False, start: int = 0) -> Line:
    """`text` from `start` on made safe, with marks on its spans: start, end (code points) and mark; may overlap."""
    spans = [(max(left, start), min(right, len(text)), mark) for left, right, mark in spans]
    spans = [span for span in spans if span[0] < span[1]]
    edges = sorted({start, len(text), *(edge for left, right, _ in spans for edge in (left, right))})
    runs: list[Run] = []
    for left, right in pairwise(edges):
        mark = Mark.PLAIN
        for begin, end, one in spans:
            if begin <= left and right <= end:
                mark |= one
        runs.append((display(text[left:right], multiline=multiline), mark))
    return tuple(runs)


def plain(line: Line) -> str:
    return "".join(text for text, _ in line)


def columns(line: Line) -> int:
    """Columns that a line takes."""
    return sum(cell_len(text) for text, _ in line)


def cut(line: Line, start: int, end: int) -> Line:
    """The part of a line from character `start` to before `end`."""
    runs: list[Run] = []
    at = 0
    for text, mark in line:
        left, right = max(start - at, 0), end - at
        if right <= 0:
            break
        if part := text[left:right]:
            runs.append((part, mark))
        at += len(text)
    return tuple(runs)


def lines_of(line: Line) -> Iterator[Line]:
    """A line that holds line breaks, taken apart at them."""
    current: list[Run] = []
    for text, mark in line:
        first, *others = text.split("\n")
        if first:
            current.append((first, mark))
        for part in others:
            yield tuple(current)
            current = [(part, mark)] if part else []
    yield tuple(current)


def one_line(line: Line) -> Line:
    """Line breaks and runs of blanks as one blank."""
    runs: list[Run] = []
    ends_blank = True
    for text, mark in line:
        shown = _BLANKS.sub(" ", text)
        shown = shown[1:] if ends_blank and shown.startswith(" ") else shown
        if shown:
            runs.append((shown, mark))
            ends_blank = shown.endswith(" ")
    return tuple(runs)


def shorten(line: Line, width: int) -> Line:
    """The line if it fits into `width` columns, else its beginning and an ellipsis."""
    if columns(line) <= width:
        return line
    if width < 1:
        return ()
    _, end = next(_pieces(plain(line), width - 1, words=False), (0, 0))
    if columns(head := cut(line, 0, end)) >= width:  # one wide character is more than there is room for
        head = ()
    return (*head, (ELLIPSIS, Mark.DIM))


def shorten_left(text: str, width: int) -> str:
    """The end of a safe text, for paths: their end says more than their beginning."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) > width - 1:
        text = text[1:]
    return f"{ELLIPSIS}{text}"


def pad(line: Line, width: int, mark: Mark = Mark.PLAIN) -> Line:
    """The line with blanks to its right."""
    missing = width - columns(line)
    return (*line, (" " * missing, mark)) if missing > 0 else line


def wrap(line: Line, width: int) -> Iterator[Line]:
    """Lines of at most `width` columns, broken at blanks and between wide characters where there are any."""
    text = plain(line)
    if cell_len(text) <= width:
        yield line
        return
    for start, end in _pieces(text, max(width, 2)):
        yield cut(line, start, end)


def _pieces(text: str, width: int, *, words: bool = True) -> Iterator[Span]:
    """Start and end of the pieces that a text is broken into; blanks at the breaks are dropped."""
    if words and text.isascii():
        yield from _ascii_pieces(text, width)
        return
    start, used, chance, position = 0, 0, 0, 0
    before_wide = False
    while position < len(text):
        character = text[position]
        size = get_character_cell_size(character)
        if words and position > start and size and (text[position - 1] == " " or before_wide or size > 1):
            chance = position
        if used + size > width and position > start and size:
            stop = chance if words and chance > start and character != " " else position
            yield start, start + len(text[start:stop].rstrip(" ")) if words else stop
            start = stop
            while words and start < len(text) and text[start] == " ":
                start += 1
            used, position, before_wide = 0, start, False
            continue
        used += size
        before_wide = size > 1 if size else before_wide
        position += 1
    if start < len(text) or not text:
        yield start, len(text)


def _ascii_pieces(text: str, width: int) -> Iterator[Span]:
    """The same for one column per character, twenty times as fast."""
    start = 0
    while len(text) - start > width:
        blank = text.rfind(" ", start + 1, start + width + 1)
        stop = blank if blank > start else start + width
        yield start, start + len(text[start:stop].rstrip(" "))
        start = stop
        while start < len(text) and text[start] == " ":
            start += 1
    if start < len(text) or not text:
        yield start, len(text)


def first_lines(line: Line, width: int, count: int) -> list[Line]:
    """At most `count` lines; the last one is filled up and ends in an ellipsis when there are more."""
    text = plain(line)
    pieces = list(islice(_pieces(text, max(width, 2)), count + 1))
    lines = [cut(line, start, end) for start, end in pieces[:count]]
    if len(pieces) > count:
        lines[-1] = shorten(cut(line, pieces[count - 1][0], len(text)), width)
    return lines
