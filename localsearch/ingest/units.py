"""The smallest stretches that a passage is made of: sentences, table rows, lines of code, headings.

Sizes are counted in word pieces of the encoder. A word piece is short; a token much longer than any word piece
(an unknown word of a megabyte is one token) counts as many, so that no stretch is long without costing much.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from localsearch.records import Block, BlockKind, Document
from localsearch.sentences import sentences, stripped

TokenOffsets = Callable[[str], Sequence[tuple[int, int]]]
Span = tuple[int, int]

_FIGURES = 1.8
_SHARE_OF_FIGURES = 0.2
"""A sentence or row with so many digits among its characters counts as so many times its pieces."""

_WINDOW = 100_000
"""Characters given to the tokeniser at once; its answer takes about 20 times that in memory."""
_LONG_TOKEN = 24
_LONG_TOKEN_STEP = 10
"""Characters of an over-long token that count as one piece."""


class Edge(IntEnum):
    """What lies before a unit: the higher, the better a place to end the passage before it."""

    WITHIN = 0
    """Nothing: a sentence or row longer than a passage had to be cut."""
    SENTENCE = 1
    BLOCK = 2
    HEADING = 3


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of the document that stays whole."""

    start: int
    """Code points in the document's text, inclusive."""
    end: int
    pieces: int
    """Word pieces, at least 1; of figures more than there are."""
    edge: Edge
    block: Block
    leads: bool
    """A heading or a table's header row: it must not be the last of a passage."""
    first: bool
    """The first of its block."""


def units(document: Document, token_offsets: TokenOffsets, size: int) -> Iterator[Unit]:
    """All units of the document in order, none larger than `size` pieces; lazily, block by block."""
    offset = 0
    for block in document.blocks:
        edge = Edge.HEADING if block.kind is BlockKind.HEADING else Edge.BLOCK
        first = True
        for part_start, part_end, pieces, whole in _sized(block, token_offsets, size):
            for start, end in stripped(block.text, part_start, part_end):
                leads = block.kind is BlockKind.HEADING or (first and block.header != "")
                before = edge if whole else Edge.WITHIN
                yield Unit(offset + start, offset + end, pieces, before, block, leads, first)
                edge, first = Edge.SENTENCE, False
        offset += len(block.text) + len("\n\n")


def piece_starts(text: str, token_offsets: TokenOffsets) -> array[int]:
    """Where the word pieces of `text` begin, over-long tokens counted as many."""
    starts = array("l")
    for start, end in token_offsets(text):
        if end - start > _LONG_TOKEN:
            starts.extend(range(start, end, _LONG_TOKEN_STEP))
        else:
            starts.append(start)
    return starts


def _natural_spans(block: Block) -> Iterator[Span]:
    if block.kind in (BlockKind.TABLE, BlockKind.CODE):
        return _lines(block.text)
    return sentences(block.text)


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.splitlines(keepends=True):
        if not line.isspace():
            yield start, start + len(line.rstrip())
        start += len(line)


def _sized(block: Block, token_offsets: TokenOffsets, size: int) -> Iterator[tuple[int, int, int, bool]]:
    """(start, end, pieces, whole) of each unit; not whole where it goes on from the one before."""
    for window in _windows(block.text, _natural_spans(block)):
        begin, finish = window[0][0], window[-1][1]
        starts = piece_starts(block.text[begin:finish], token_offsets)
        for start, end, whole in window:
            low, high = bisect_left(starts, start - begin), bisect_left(starts, end - begin)
            if high - low <= size:
                yield start, end, min(size, _size(block.text[start:end], high - low)), whole
            else:
                yield from _cut(block.text, (start, end, whole), [begin + at for at in starts[low:high]], size)


def _size(text: str, pieces: int) -> int:
    """Pieces that a stretch counts: figures more, as a vector says little of one row among many."""
    figures = sum(map(str.isdigit, text))
    return max(1, round(pieces * _FIGURES) if figures >= _SHARE_OF_FIGURES * len("".join(text.split())) else pieces)


def _windows(text: str, spans: Iterator[Span]) -> Iterator[list[tuple[int, int, bool]]]:
    """Neighbouring spans, together at most `_WINDOW` characters; a longer span is cut, at a blank if it has one."""
    window: list[tuple[int, int, bool]] = []
    for start, end in spans:
        for part in _bounded(text, start, end):
            if window and part[1] - window[0][0] > _WINDOW:
                yield window
                window = []
            window.append(part)
    if window:
        yield window


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    whole = True
    while end - start > _WINDOW:
        blank = text.rfind(" ", start + _WINDOW // 2, start + _WINDOW)
        at = blank if blank > 0 else start + _WINDOW
        yield start, at, whole
        start, whole = at, False
    yield start, end, whole


def _cut(
    text: str, span: tuple[int, int, bool], starts: Sequence[int], size: int
) -> Iterator[tuple[int, int, int, bool]]:
    """Cut one over-long span at starts of word pieces into parts of like size, best after a blank or a comma."""
    start, end, whole = span
    low = 0
    while len(starts) - low > size:
        parts = -(-(len(starts) - low) // size)
        step = -(-(len(starts) - low) // parts)
        at = next((i for i in range(low + step, low + step - step // 4, -1) if _may_cut(text, starts[i])), low + step)
        yield start, starts[at], at - low, whole
        start, low, whole = starts[at], at, False
    yield start, end, len(starts) - low, whole


def _may_cut(text: str, at: int) -> bool:
    return text[at - 1].isspace() or text[at - 1] in "，、；：,;|"
