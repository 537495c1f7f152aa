"""Lines of printed pages to paragraphs, tables and headings.

A PDF's text layer is a run of lines. Where a paragraph ends can only be told from the lines themselves: a line that
does not reach the right margin ends one. Lines with several numbers are rows of a table and stay apart.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from localsearch.ingest.parse import clean, headings, hyphens
from localsearch.ingest.parse.blocks import Builder

_NUMBER = re.compile(r"[-+(]?[$€£¥]?\s?\d[\d.,']*\s?[%)]*|[—–-]")
_BULLET = re.compile(r"([•·●▪■◦‣⁃*–—o-]|\(?[a-z0-9]{1,3}[.)]|\([ivx]+\))\s+\S", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?:;。！？：；][\"”’')\]]*$")
_EDGE_LINES = 3
"""How many lines at the top and bottom of a page may be running headers and footers."""


def add_pages(builder: Builder, texts: Sequence[str], bookmarks: Mapping[int, Sequence[str]]) -> None:
    """Add the text of every page. `bookmarks`: headings by page (1-based) where the document has an outline."""
    pages = [_lines(text) for text in hyphens.join_pages(texts)]
    repeated = _running_lines(pages)
    for number, lines in enumerate(pages, start=1):
        builder.page = number
        kept = _without_edges(lines, repeated)
        _add_page(builder, kept, {_key(name) for name in bookmarks.get(number, ())} if bookmarks else None)


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


def _add_page(builder: Builder, lines: list[str], bookmarks: set[str] | None) -> None:
    """Add one page. `bookmarks`: keys of its outline headings; None when the document has no outline."""
    levels = _levels(lines, bookmarks)
    width = _width(lines)
    for group in _groups(lines, levels, width):
        first = lines[group.start]
        level = levels[group.start]
        if level is not None:
            builder.heading(" ".join(lines[group.start : group.stop]), level)
        elif is_row(first):
            builder.table(([line] for line in lines[group.start : group.stop]), header=False)
        else:
            builder.paragraph(_paragraph(lines[group.start : group.stop], width))


def _levels(lines: Sequence[str], bookmarks: set[str] | None) -> list[int | None]:
    """The heading level of each line, None for all that are no headings."""
    if bookmarks is not None:
        return [1 if _key(line) in bookmarks else None for line in lines]
    levels = [headings.level(line) for line in lines]
    crowded = sum(level is not None for level in levels) > 0.4 * len(lines)
    return [None] * len(lines) if crowded else levels  # a table of contents lists headings, it has none


def _width(lines: Sequence[str]) -> int:
    """Characters of a line that reaches the right margin: most long lines are at least so long."""
    lengths = sorted(len(line) for line in lines)
    return lengths[int(0.8 * (len(lengths) - 1))] if lengths else 0


def _groups(lines: Sequence[str], levels: Sequence[int | None], width: int) -> Iterator[range]:
    """Lines that belong together: a paragraph, a run of table rows, a heading."""
    start = 0
    for place in range(1, len(lines) + 1):
        if place == len(lines) or not _goes_on(lines, levels, place, width):
            yield range(start, place)
            start = place


def _goes_on(lines: Sequence[str], levels: Sequence[int | None], place: int, width: int) -> bool:
    """Whether the line at `place` belongs to the one before it."""
    before, line = lines[place - 1], lines[place]
    if levels[place] is not None or levels[place - 1] is not None:
        return False
    if is_row(before) or is_row(line):
        return is_row(before) and is_row(line)
    if len(before) >= 0.75 * width:  # it reaches the margin: the sentence may go on
        return not _BULLET.match(line)
    # A short line ends a paragraph, but short lines among themselves are a list or an address.
    return not _SENTENCE_END.search(before) and len(line) < 0.75 * width


def _paragraph(lines: Sequence[str], width: int) -> str:
    """Wrapped lines joined by a blank, short ones kept apart."""
    text = lines[0]
    for before, line in itertools.pairwise(lines):
        text += (" " if len(before) >= 0.75 * width else "\n") + line
    return text


def is_row(line: str) -> bool:
    """Whether a line is a row of numbers: two or more of them, at its end or most of it."""
    words = line.split()
    numbers = [bool(_NUMBER.fullmatch(word)) for word in words]
    return (len(words) >= 2 and all(numbers[-2:])) or sum(numbers) >= max(2, 0.5 * len(words))
