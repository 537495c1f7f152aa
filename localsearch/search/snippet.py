"""The part of a passage worth showing: about 240 characters where the matched words stand closest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]

WIDTH = 240
_BLANKS = re.compile(r"\s+")
_WORD_EDGE = 30
"""Characters to look for a blank so as not to cut a word; longer words are cut."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text on one line."""

    text: str
    spans: tuple[Span, ...]
    """Matched words in `text`: start inclusive, end exclusive, code points."""
    cut_before: bool
    """Whether more text stands before it."""
    cut_after: bool


def snippet(text: str, spans: Sequence[Span], *, best: Span | None = None, width: int = WIDTH) -> Snippet:
    """The part of `text` to show, blanks collapsed.

    `spans`: matched words, sorted, not overlapping. Without any, the part begins with `best` (the best sentence),
    else with the text.
    """
    start = _start(text, spans, best, width)
    end = _at_blank(text, start + width, -1) if start + width < len(text) else len(text)
    inside = [span for span in spans if start <= span[0] and span[1] <= end]
    shown, places = _on_one_line(text, start, end, inside)
    return Snippet(shown, places, not text[:start].isspace() and start > 0, text[end:].strip() != "")


def _start(text: str, spans: Sequence[Span], best: Span | None, width: int) -> int:
    if len(text) <= width:
        return 0
    if not spans:
        first = last = best or (0, 0)
    else:
        first, last = _densest(text, spans, width)
    free = max(0, width - (last[1] - first[0]))
    start = first[0] - free // 3 if spans else first[0]  # a third of the free room before, the rest after
    start = min(max(0, start), len(text) - width)
    return _at_blank(text, start, 1)


def _densest(text: str, spans: Sequence[Span], width: int) -> tuple[Span, Span]:
    """First and last span of the stretch of at most `width` with most different words, then most words."""
    best, best_value, first = (spans[0], spans[0]), (0, 0), 0
    for last, span in enumerate(spans):
        while first < last and span[1] - spans[first][0] > width:
            first += 1
        words = [text[start:end].casefold() for start, end in spans[first : last + 1]]
        value = (len(set(words)), len(words))
        if value > best_value:
            best, best_value = (spans[first], span), value
    return best


def _at_blank(text: str, at: int, step: int) -> int:
    """The nearest place from `at` on, in the direction of `step`, that is not inside a word."""
    for place in range(at, at + step * _WORD_EDGE, step):
        if place in (0, len(text)) or text[place - 1].isspace() or (step < 0 and text[place].isspace()):
            return place
    return at


def _on_one_line(text: str, start: int, end: int, spans: Sequence[Span]) -> tuple[str, tuple[Span, ...]]:
    """The text with blanks collapsed, and its spans moved accordingly."""
    edges = [start, *(edge for span in spans for edge in span), end]
    shown, places = "", []
    for number, (left, right) in enumerate(pairwise(edges)):
        part = _BLANKS.sub(" ", text[left:right])
        if not shown:
            part = part.lstrip(" ")
        if number % 2:
            places.append((len(shown), len(shown) + len(part)))
        shown += part
    return shown.rstrip(" "), tuple(places)
