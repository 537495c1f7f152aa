"""Tables of documents on a terminal: columns in line where they fit, else one field per line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from localsearch.tui.text import Line, Mark, columns, cut, pad, plain, wrap

SEPARATOR = " | "
"""Between the cells of a row; see `records.Block`."""
BETWEEN: Line = ((" │ ", Mark.DIM),)
NARROWEST = 8
"""Columns below which the cells of a column cannot be read."""
MOST_LINES = 6
"""A row of more lines is one whose columns are too narrow."""

Row = tuple[Line, ...]


def is_row(line: Line) -> bool:
    return SEPARATOR in plain(line)


def cells(line: Line) -> Row:
    """The cells of a row."""
    text = plain(line)
    found: list[Line] = []
    start = 0
    while (end := text.find(SEPARATOR, start)) >= 0:
        found.append(cut(line, start, end))
        start = end + len(SEPARATOR)
    return (*found, cut(line, start, len(text)))


def table(rows: Sequence[Row], width: int, header: str = "") -> list[list[Line]]:
    """The lines of each row. `header`: the text of the header row, when the rows may begin with it."""
    count = max(map(len, rows))
    wanted = [max((columns(row[place]) for row in rows if place < len(row)), default=0) for place in range(count)]
    widths = _widths(wanted, width - len(SEPARATOR) * (count - 1))
    if widths is None:
        return _records(rows, width, header)
    shown = []
    for row in rows:
        is_header = bool(header) and SEPARATOR.join(map(plain, row)).strip() == header.strip()
        lines = [_joined(parts, widths) for parts in _wrapped(row, widths)]
        shown.append(
            [tuple((text, mark | Mark.STRONG) for text, mark in line) for line in lines] if is_header else lines
        )
    if any(len(lines) > MOST_LINES for lines in shown):
        return _records(rows, width, header)
    return shown


def _widths(wanted: Sequence[int], room: int) -> list[int] | None:
    """Columns for each column of the table: what it wants, or an even share of what is left; None when too few."""
    if sum(wanted) <= room:
        return list(wanted)
    widths = [0] * len(wanted)
    left, open_places = room, sorted(range(len(wanted)), key=lambda place: wanted[place])
    while open_places:
        share = left // len(open_places)
        place = open_places.pop(0)
        widths[place] = min(wanted[place], share)
        left -= widths[place]
    narrow = any(given < min(want, NARROWEST) for given, want in zip(widths, wanted, strict=True))
    return None if narrow else widths


def _wrapped(row: Row, widths: Sequence[int]) -> Iterator[tuple[Line, ...]]:
    parts = [list(wrap(cell, size)) if size else [cell] for cell, size in zip(row, widths, strict=False)]
    yield from zip_longest(*parts, fillvalue=())


def _joined(parts: Sequence[Line], widths: Sequence[int]) -> Line:
    line: Line = ()
    for place, (part, size) in enumerate(zip(parts, widths, strict=False)):
        line += (BETWEEN if place else ()) + pad(part, size)
    return line


def _records(rows: Sequence[Row], width: int, header: str) -> list[list[Line]]:
    """Each field on a line of its own, behind the name that the header gives it."""
    names = header.split(SEPARATOR) if header else []
    shown: list[list[Line]] = []
    for row in rows:
        if SEPARATOR.join(map(plain, row)).strip() == header.strip():
            shown.append([])
            continue
        lines: list[Line] = []
        for place, cell in enumerate(row):
            if not plain(cell).strip():
                continue
            bullet: Line = (("▸ " if not lines else "  ", Mark.DIM),)
            name: Line = ((f"{names[place].strip()}: ", Mark.DIM),) if place < len(names) else ()
            first, *others = list(wrap((*name, *cell), max(width - 2, 8)))
            lines += [bullet + first, *((("  ", Mark.PLAIN), *other) for other in others)]
        shown.append(lines)
    return shown
