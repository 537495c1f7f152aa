"""The passages are chosen; which of their sentences, or lines, are quoted?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localsearch.search.summary.prose import Candidate, lines, one_line

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix

_MOST_ENCODED = 30
"""Sentences given to the encoder for one summary, about; each takes a few milliseconds."""
_LEAD = 0.3
"""How much the first sentence of a passage is preferred; the second half as much, and so on.
Measured in docs/decisions/0010-summaries.md."""
_OFTEN = 3
"""A sentence that stands in the text so many times is a formula or a page header,"""
_FORMULA = 0.3
"""and counts so much."""
_LONGEST_LINE = 400
_TOKEN = re.compile(r"\w+")

Encode = Callable[[Sequence[str]], "Float32Matrix"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of a passage to be shown."""

    row: int
    """The passage's place among those considered."""
    start: int
    """Code points in the passage's text, inclusive."""
    end: int


@dataclass(frozen=True, slots=True)
class _Choice:
    row: int
    place: int
    """0-based among the passage's sentences."""
    candidate: Candidate


def best_sentences(
    texts: Sequence[str],
    chosen: Sequence[int],
    found: dict[int, list[Candidate]],
    count: int,
    *,
    anchors: Float32Matrix | None = None,
    encode: Encode | None = None,
) -> list[Quote]:
    """The best sentence of each chosen passage; a second and third one when there are fewer passages than `count`.

    With `encode`, a sentence counts as it is like the anchor of its passage (a row of `anchors`, (n, dim), unit
    length; their cosine), stands alone and comes early; without, as it stands alone and comes early.
    """
    each = max(2, _MOST_ENCODED // max(1, len(chosen)))
    choices = [choice for row in chosen for choice in _first_look(row, found[row], each)]
    shown = [texts[choice.row][choice.candidate.start : choice.candidate.end] for choice in choices]
    if encode is None or anchors is None:
        scores = [1 / (1 + choice.place) for choice in choices]
    else:
        vectors = encode([one_line(text) for text in shown])  # (sentences, dim)
        likeness = [float(anchors[choice.row] @ vector) for choice, vector in zip(choices, vectors, strict=True)]
        scores = [like * (1 + _LEAD / (1 + choice.place)) for like, choice in zip(likeness, choices, strict=True)]
    everything = "\0".join(texts)
    rating = {}
    for choice, text, score in zip(choices, shown, scores, strict=True):
        formula = _FORMULA if everything.count(text) >= _OFTEN else 1.0
        rating[choice] = score * choice.candidate.worth * formula
    return _in_rounds(texts, chosen, rating, count)


def _first_look(row: int, found: Sequence[Candidate], count: int) -> list[_Choice]:
    """The sentences of one passage worth encoding: those that stand alone best, the earlier first."""
    choices = [_Choice(row, place, candidate) for place, candidate in enumerate(found)]
    return sorted(choices, key=lambda one: one.place / 10 - one.candidate.worth)[:count]


def _in_rounds(texts: Sequence[str], chosen: Sequence[int], rating: dict[_Choice, float], count: int) -> list[Quote]:
    """One sentence of each passage, then a second one, until there are `count`; none twice."""
    queues = []
    for row in chosen:
        choices = sorted((choice for choice in rating if choice.row == row), key=rating.__getitem__)
        queues.append([Quote(row, choice.candidate.start, choice.candidate.end) for choice in choices])
    return _taken(texts, [], queues, count)


def best_lines(texts: Sequence[str], chosen: Sequence[int], count: int) -> list[Quote]:
    """Lines of passages without sentences: the first of all (a table's header row), then the fullest of each."""
    first = [Quote(row, start, end) for row, text in enumerate(texts) for start, end in lines(text)][:1]
    return _taken(texts, first, [_fullest_last(row, texts[row]) for row in chosen], count)


def _taken(texts: Sequence[str], quotes: list[Quote], queues: Sequence[list[Quote]], count: int) -> list[Quote]:
    """`quotes` and the last of each queue, round after round, until there are `count`; the same text only once."""
    said = {one_line(texts[quote.row][quote.start : quote.end]) for quote in quotes}
    while len(quotes) < count and any(queues):
        for queue in (queue for queue in queues if queue):
            quote = queue.pop()
            text = one_line(texts[quote.row][quote.start : quote.end])
            if text not in said and len(quotes) < count:
                said.add(text)
                quotes.append(quote)
    return quotes


def _fullest_last(row: int, text: str) -> list[Quote]:
    def fullness(quote: Quote) -> tuple[bool, int, int]:
        line = text[quote.start : quote.end]
        return len(line) <= _LONGEST_LINE, len(set(_TOKEN.findall(line))), -quote.start

    return sorted((Quote(row, start, end) for start, end in lines(text)), key=fullness)
