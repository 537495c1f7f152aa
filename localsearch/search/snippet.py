"""The part of a passage worth showing: about 240 characters, with its best sentence or where the words are close."""

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
    best: Span | None = None
    """What is shown of the best sentence."""


def snippet(text: str, spans: Sequence[Span], *, best: Span | None = None, width: int = WIDTH) -> Snippet:
    """The part of `text` to show, blanks collapsed.

    `spans`: matched words, sorted, not overlapping. `best`: the best sentence; the part shows it, or as much of it as
    fits, with as many different words as there is room for. Without it, the part is where the words stand closest,
    and without any the text's beginning.
    """
    start = _start(text, spans, best, width)
    end = _end(text, start, best, width)
    inside = [span for span in spans if start <= span[0] and span[1] <= end]
    shown_best = (max(best[0], start), min(best[1], end)) if best and best[0] < end and start < best[1] else None
    shown, moved = _on_one_line(text, start, end, [*inside, shown_best] if shown_best else inside)
    return Snippet(
        shown,
        tuple((moved[left], moved[right]) for left, right in inside),
        not text[:start].isspace() and start > 0,
        text[end:].strip() != "",
        (moved[shown_best[0]], moved[shown_best[1]]) if shown_best else None,
    )


def _start(text: str, spans: Sequence[Span], best: Span | None, width: int) -> int:
    if len(text) <= width:
        return 0
    if best:
        start = _around(text, spans, best, width)
    elif spans:
        first, last = _densest(text, spans, width)
        start = first[0] - max(0, width - (last[1] - first[0])) // 3  # a third of the free room before, the rest after
    else:
        start = 0
    start = min(max(0, start), len(text) - width)
    at = _at_blank(text, start, 1, width)
    return min(at, max(start, best[0])) if best else at  # a sentence may begin where no blank is


def _end(text: str, start: int, best: Span | None, width: int) -> int:
    limit = start + width
    if limit >= len(text):
        return len(text)
    at = _at_blank(text, limit, -1, width)
    return max(at, best[1]) if best and best[1] <= limit else at


def _around(text: str, spans: Sequence[Span], best: Span, width: int) -> int:
    """Where a part begins that holds `best` and most different words; as late as it can."""
    free = width - (best[1] - best[0])
    if free < 0:
        inside = [span for span in spans if best[0] <= span[0] and span[1] <= best[1]]
        return _densest(text, inside, width)[0][0] if inside and inside[0][0] - best[0] > width else best[0]

    def different_words(start: int) -> int:
        return len({text[left:right].casefold() for left, right in spans if start <= left and right <= start + width})

    starts = [best[0], *(span[0] for span in reversed(spans) if best[0] - free <= span[0] < best[0])]
    return max(starts, key=different_words)


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


def _at_blank(text: str, at: int, step: int, width: int) -> int:
    """The nearest place from `at` on, in the direction of `step`, that is not inside a word."""
    for place in range(at, at + step * min(_WORD_EDGE, width // 3), step):
        if place in (0, len(text)) or text[place - 1].isspace() or (step < 0 and text[place].isspace()):
            return place
    return at


def _on_one_line(text: str, start: int, end: int, spans: Sequence[Span]) -> tuple[str, dict[int, int]]:
    """The text with blanks collapsed, and where the edges of the spans, and its own, have moved."""
    edges = sorted({start, end, *(edge for span in spans for edge in span)})
    shown, moved = "", {start: 0}
    for left, right in pairwise(edges):
        part = _BLANKS.sub(" ", text[left:right])
        shown += part if shown else part.lstrip(" ")
        moved[right] = len(shown)
    shown = shown.rstrip(" ")
    return shown, {edge: min(place, len(shown)) for edge, place in moved.items()}
