"""Lines of printed pages to paragraphs, tables and headings.

A PDF's text layer is a run of lines. Where a paragraph ends can only be told from the lines themselves: a line that
does not reach the right margin ends one. Lines that end in several numbers are rows of a table and stay apart.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from localsearch.ingest.parse import clean
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import headings, hyphens

_NUMBER = re.compile(r"[-+(]*[$€£¥]?\d(?:[\d.,']*\d)?[%)*]*|\([a-z]\)|n/[am]|[—–-]")
_YEAR = re.compile(r"(?:FY)?(?:19|20)\d\d[EA]?")
_LONE_SIGN = re.compile(r"(?<!\S)[$€£¥%)](?!\S)")
_BULLET = re.compile(r"([•·●▪■◦‣⁃*–—o-]|\(?[a-z0-9]{1,3}[.)]|\([ivx]+\))\s+\S", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?:;。！？：；][\"”’')\]]*$")
_CONTENTS_LINE = re.compile(r"(\.{3,}|\s)\s*(\d{1,4})$")
_EDGE_LINES = 3
"""How many lines at the top and bottom of a page may be running headers and footers."""
_FULL = 0.8
"""A line of at least this share of the width reaches the right margin."""
_LABEL_LINES = 3
"""How many lines of text may stand between two rows of one table."""
_HEADER_WITHIN = 5
"""Among how many rows the header of a table is looked for."""
_LABEL_LENGTH = 60
"""Characters."""


class Kind(StrEnum):
    TEXT = "text"
    ROW = "row"
    HEADING = "heading"


@dataclass(slots=True)
class Line:
    """One line of a page and what it is taken for."""

    text: str
    kind: Kind = Kind.TEXT
    level: int = 0
    """Of a heading."""
    full: bool = False
    """Reaches the right margin, so that its sentence may go on below."""


def add_pages(
    builder: Builder, texts: Sequence[str], bookmarks: Mapping[int, Sequence[str]], *, numbered: bool = True
) -> None:
    """Add the text of every page. `bookmarks`: headings by page (1-based) where the document has an outline."""
    pages = [_lines(text) for text in hyphens.join_pages(texts)]
    repeated = _running_lines(pages)
    widest = _width(line for lines in pages for line in lines)
    for number, lines in enumerate(pages, start=1):
        builder.page = number if numbered else None
        outline = {_key(name) for name in bookmarks.get(number, ())}
        _add_page(builder, _judge(_without_edges(lines, repeated), outline, widest))


def _lines(text: str) -> list[str]:
    return [line for line in clean.prose(text).split("\n") if line]


def _running_lines(pages: Sequence[Sequence[str]]) -> set[str]:
    """Headers, footers and page numbers: lines at the edges of at least half the pages, digits aside."""
    if len(pages) < 4:
        return set()
    seen = Counter(shape for lines in pages for shape in {_shape(line) for line in _edges(lines)})
    return {shape for shape, count in seen.items() if count >= max(3, len(pages) // 2)}


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _edges(lines: Sequence[str]) -> Iterable[str]:
    return [*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:]]


def _without_edges(lines: list[str], repeated: set[str]) -> list[str]:
    """The page without its running lines; a page that consists of nothing else keeps them."""
    first, last = 0, len(lines)
    while first < min(_EDGE_LINES, last) and _shape(lines[first]) in repeated:
        first += 1
    while last > max(first, len(lines) - _EDGE_LINES) and _shape(lines[last - 1]) in repeated:
        last -= 1
    return lines[first:last] or lines


def _key(heading: str) -> str:
    """A heading for comparison: letters and digits only."""
    return "".join(character for character in heading.casefold() if character.isalnum())


def _judge(texts: Sequence[str], outline: set[str], widest: int) -> list[Line]:
    """Tell for every line of a page what it is. `widest`: the width of a full line in the whole document."""
    lines = [Line(text, Kind.ROW if is_row(text) else Kind.TEXT) for text in texts]
    width = _page_width(lines, widest)
    for line in lines:
        line.full = line.kind is Kind.TEXT and len(line.text) >= _FULL * width
    _mark_headings(lines, outline)
    _mark_labels(lines)
    return lines


def is_row(text: str) -> bool:
    """Whether a line is a row of numbers: it ends in two or more, or most of it are numbers."""
    words = _LONE_SIGN.sub(" ", text).split()
    numbers = [bool(_NUMBER.fullmatch(word)) for word in words]
    return (len(words) > 1 and all(numbers[-2:])) or sum(numbers) >= max(2, 0.5 * len(words))


def _page_width(lines: Sequence[Line], widest: int) -> int:
    """Characters of a full line on this page: its own where enough lines agree on it, else the document's."""
    texts = [line.text for line in lines if line.kind is Kind.TEXT]
    own = _width(texts)
    agreeing = sum(0.85 * own <= len(text) <= 1.15 * own for text in texts)
    return own if agreeing >= 6 else max(own, widest)


def _width(texts: Iterable[str]) -> int:
    """The length that 85 % of the lines stay under, at least 20 characters."""
    lengths = sorted(len(text) for text in texts)
    return max(lengths[int(0.85 * (len(lengths) - 1))], 20) if lengths else 20


def _mark_headings(lines: list[Line], outline: set[str]) -> None:
    """By the document's outline, by what a line says, and by how it stands between paragraphs."""
    levels = [headings.level(line.text) for line in lines]
    if sum(level is not None for level in levels) > 0.4 * len(lines) or _is_contents(lines):
        return  # a table of contents lists headings, it has none
    for place, line in enumerate(lines):
        level = levels[place]
        if level is None and outline and _key(line.text) in outline:
            level = 2
        if level is None and _stands_like_heading(lines, place):
            level = headings.LOWEST
        if level is not None:
            line.kind, line.level = Kind.HEADING, level


def _is_contents(lines: Sequence[Line]) -> bool:
    """Whether a page is a table of contents: five lines or more end in page numbers that do not fall."""
    found = [_CONTENTS_LINE.search(line.text[-20:]) for line in lines]
    numbers = [int(match[2]) for match in found if match]
    return len(numbers) >= max(5, 0.4 * len(lines)) and numbers == sorted(numbers)


def _stands_like_heading(lines: Sequence[Line], place: int) -> bool:
    """A short title-case line after the end of a paragraph and before a full line."""
    line = lines[place]
    if line.full or line.kind is Kind.ROW or place + 1 >= len(lines) or not headings.is_title(line.text):
        return False
    following = lines[place + 1]
    before = lines[place - 1] if place else None
    ended = before is None or before.kind is not Kind.TEXT or not before.full or _SENTENCE_END.search(before.text[-20:])
    return bool(ended) and following.full and following.kind is Kind.TEXT and not following.text[0].islower()


def _mark_labels(lines: list[Line]) -> None:
    """Short lines directly above a row belong to its table: group names, column names, wrapped labels."""
    for place, line in enumerate(lines):
        if line.kind is not Kind.ROW:
            continue
        if place and line.text[0].islower() and lines[place - 1].kind is Kind.TEXT:
            lines[place - 1].kind = Kind.ROW  # the beginning of a long label
        for above in reversed(lines[max(0, place - _LABEL_LINES) : place]):
            if above.kind is not Kind.TEXT or above.full or len(above.text) > _LABEL_LENGTH or above.text[-1] == ".":
                break
            above.kind = Kind.ROW


def _add_page(builder: Builder, lines: Sequence[Line]) -> None:
    for group in _groups(lines):
        first = group[0]
        if first.kind is Kind.HEADING:
            builder.heading(first.text, first.level)
        elif first.kind is Kind.ROW:
            _add_table(builder, _whole_rows(group))
        else:
            builder.paragraph(_paragraph(group))


def _add_table(builder: Builder, rows: Sequence[str]) -> None:
    """Add a table; a row of years among its first is its header, and what stands above it an introduction."""
    start = next((place for place, row in enumerate(rows[:_HEADER_WITHIN]) if _names_years(row)), None)
    builder.paragraph("\n".join(rows[:start] if start else ()))
    builder.table([[row] for row in rows[start or 0 :]], header=start is not None)


def _groups(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines that belong together: a heading, a run of table rows, a paragraph."""
    group: list[Line] = []
    for line in lines:
        if group and not _goes_on(group[-1], line):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _goes_on(before: Line, line: Line) -> bool:
    """Whether a line belongs to the one before it."""
    if before.kind is not line.kind or line.kind is Kind.HEADING:
        return False
    if line.kind is Kind.ROW:
        return True
    if before.full:
        return not _BULLET.match(line.text)
    # A short line ends a paragraph, but short lines among themselves are a list or an address.
    return not _SENTENCE_END.search(before.text[-20:]) and not line.full


def _whole_rows(group: Sequence[Line]) -> list[str]:
    """The rows of a table; a label that goes on in the next line is joined with it."""
    rows: list[str] = []
    for line in group:
        if rows and line.text[0].islower() and not is_row(rows[-1]):
            rows[-1] += " " + line.text
        else:
            rows.append(line.text)
    return rows


def _names_years(row: str) -> bool:
    """Whether a first row names its columns by years."""
    numbers = [word for word in row.split() if _NUMBER.fullmatch(word) or _YEAR.fullmatch(word)]
    return len(numbers) > 1 and all(_YEAR.fullmatch(word) for word in numbers)


def _paragraph(group: Sequence[Line]) -> str:
    """Full lines joined by a blank, short ones and those of a table of contents kept apart."""
    text = group[0].text
    for before, line in itertools.pairwise(group):
        joined = before.full and not _CONTENTS_LINE.search(before.text[-20:])
        text += (" " if joined or line.text[0].islower() else "\n") + line.text
    return text
