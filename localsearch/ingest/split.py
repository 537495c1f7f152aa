"""Documents into passages of about 200 word pieces, on the boundaries that the document itself has.

Sections first: a heading begins a new one and a page always ends one. Very small neighbours under the same
parent are joined. A section that fits the encoder's window stays whole; a larger one is cut into passages of like
size, preferably before a block, else before a sentence or a table row. docs/decisions/0005-passages.md tells why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from localsearch.ingest.context import SPARE, Contexts
from localsearch.ingest.pages import with_page_titles
from localsearch.ingest.units import Edge, TokenOffsets, Unit, units
from localsearch.records import BlockKind, Document, Passage

SPLITTER_VERSION = "2"
"""Part of what an index remembers of a file: a new version splits it again."""

WINDOW = 256
"""Word pieces that most encoders read, and passages are made for."""
SMALLEST = 50
"""Word pieces of a passage, however little the encoder reads."""
_SPECIAL = 2
_TINY = 4
"""A section of less than size / 4 pieces does not stand alone if it has a neighbour it belongs to."""
_STRETCH = 8
"""A passage may exceed its size by an eighth, so that a sentence stays whole and no small rest remains."""
_LEAD = 40
"""Pieces by which it may exceed its size if that keeps a heading or a header row with what follows."""
_EDGE_COST = {Edge.WITHIN: 0.6, Edge.SENTENCE: 0.25, Edge.BLOCK: 0.1, Edge.HEADING: 0.0}
"""How far, as a share of the passage, a cut may move to end at the next better edge."""


def fitting_size(wanted: int, max_tokens: int) -> int:
    """The passage size for an encoder that reads so many word pieces: smaller where its window is a small one."""
    return wanted if max_tokens >= WINDOW else min(wanted, max(SMALLEST, max_tokens - SPARE - _SPECIAL))


def split(document: Document, token_offsets: TokenOffsets, *, size: int = 200) -> list[Passage]:
    """All passages of a document, in order, without overlap, holding all its text that is not blank.

    `token_offsets` gives the spans of the encoder's word pieces. Context and text together stay within
    size + 54 pieces: with the default size, an encoder's window of 256 less its two special tokens.
    """
    text = document.text
    document = with_page_titles(document)
    contexts = Contexts(document.title, token_offsets, size)
    return [
        _passage(text, run, contexts)
        for section in _joined(_sections(units(document, token_offsets, size)), size)
        for run in _cut(section, size, contexts.room(section[0]))
    ]


def _passage(text: str, run: Sequence[Unit], contexts: Contexts) -> Passage:
    first, start, end = run[0], run[0].start, run[-1].end
    return Passage(
        text=text[start:end],
        context=contexts.of(first, sum(unit.pieces for unit in run)),
        start=start,
        end=end,
        page=first.block.page,
        heading=contexts.heading(first),
    )


def _sections(stream: Iterable[Unit]) -> Iterator[list[Unit]]:
    """One heading, or several in a row, with all that stands below them on the same page."""
    section: list[Unit] = []
    for unit in stream:
        if section and (unit.block.page != section[-1].block.page or _begins_section(section[-1], unit)):
            yield section
            section = []
        section.append(unit)
    if section:
        yield section


def _begins_section(before: Unit, unit: Unit) -> bool:
    is_heading = unit.block.kind is BlockKind.HEADING and unit.first
    return is_heading and before.block.kind is not BlockKind.HEADING


def _joined(sections: Iterable[list[Unit]], size: int) -> Iterator[list[Unit]]:
    """Join a tiny section with its neighbour on the same page under the same parent."""
    current: list[Unit] = []
    for section in sections:
        if current and _belong_together(current, section, size):
            current = current + section
            continue
        if current:
            yield current
        current = section
    if current:
        yield current


def _belong_together(current: Sequence[Unit], section: Sequence[Unit], size: int) -> bool:
    before, after = current[0].block, section[0].block
    parent = before.headings[:-1]
    if before.page != after.page or after.headings[: len(parent)] != parent:
        return False
    have, more = _pieces(current), _pieces(section)
    return have < size // _TINY or (more < size // _TINY and have + more <= size)


def _pieces(section: Sequence[Unit]) -> int:
    return sum(unit.pieces for unit in section)


def _cut(section: Sequence[Unit], size: int, room: int) -> Iterator[Sequence[Unit]]:
    """Cut a section into runs of like size, none of more than `size` and an eighth; leave whole what has room."""
    sums = [0, *accumulate(unit.pieces for unit in section)]  # sums[i]: pieces before unit i
    if sums[-1] <= room:
        yield section
        return
    most, begin = size + size // _STRETCH, 0
    while sums[-1] - sums[begin] > most:
        end = _best_end(section, sums, begin, most, size + _LEAD)
        yield section[begin:end]
        begin = end
    if begin < len(section):
        yield section[begin:]


def _best_end(section: Sequence[Unit], sums: Sequence[int], begin: int, most: int, utmost: int) -> int:
    """The cut that comes nearest to runs of equal size, weighed against the edge it falls on."""
    left = sums[-1] - sums[begin]
    aim = left / -(-left // most)
    best, best_cost, last = 0, float("inf"), begin + 1
    for end in range(begin + 1, len(section) + 1):
        have = sums[end] - sums[begin]
        if have > (most if best else utmost):
            break
        last = end if have <= most else last
        if section[end - 1].leads:
            continue
        edge = section[end].edge if end < len(section) else Edge.HEADING
        cost = abs(have - aim) / aim + _EDGE_COST[edge]
        if cost < best_cost:
            best, best_cost = end, cost
    return best or last
