"""The hits of a query in a few sentences: those that are like the query and unlike one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.records import Hit
from localsearch.search.summary.centrality import relevant_and_different
from localsearch.search.summary.prose import Candidate, candidates, lines, one_line
from localsearch.search.summary.quote import Quote

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix, Float32Vector

_SENTENCES_OF_A_HIT = 3
"""Looked at more closely, which for most encoders means encoded."""

_LINE = 0.6
"""Worth of a line of a hit that has no sentences: a table's row."""
_BESIDE_THE_POINT = 0.6
"""A sentence is left out that is less relevant than this share of the most relevant one."""

Relevance = Callable[[Sequence[str]], "tuple[Float32Matrix, Float32Vector]"]
"""Sentences in; their vectors (n, dim), unit length, and their cosines with the query, (n,), out."""


def quotes_of_hits(hits: Sequence[Hit], count: int, relevance: Relevance | None) -> list[Quote]:
    """At most `count` sentences of the hits (`Quote.row` is a place in `hits`), in the order to show them.

    Without `relevance` only the words of the query count: a sentence is as relevant as it has different ones of them.
    """
    import numpy as np

    choices = _different(hits, [(row, one) for row, hit in enumerate(hits) for one in _near_the_words(hit)])
    if not choices:
        return []
    worth = np.array([one.worth for _, one in choices], np.float32)
    if relevance is None:
        vectors = np.zeros((len(choices), 1), np.float32)
        cosines = np.array([_words_in(hits[row], one) for row, one in choices], np.float32)
    else:
        vectors, cosines = relevance([_text(hits, choice) for choice in choices])
    relevant = cosines * worth
    kept = np.flatnonzero(relevant >= _BESIDE_THE_POINT * relevant.max())
    rows = kept[relevant_and_different(vectors[kept], relevant[kept], count)].tolist()
    return _by_document(hits, [Quote(choices[row][0], choices[row][1].start, choices[row][1].end) for row in rows])


def _near_the_words(hit: Hit) -> list[Candidate]:
    """The sentences with most of the query's words; among equals those that stand alone best, then the earlier.

    Of a hit without sentences its lines.
    """
    found = candidates(hit.text, hit.heading) or [Candidate(start, end, _LINE) for start, end in lines(hit.text)]
    return sorted(found, key=lambda one: (-_words_in(hit, one), -one.worth, one.start))[:_SENTENCES_OF_A_HIT]


def _words_in(hit: Hit, part: Candidate) -> int:
    """How many different words of the query a sentence of a hit has."""
    return len({hit.text[start:end].lower() for start, end in hit.spans if part.start <= start and end <= part.end})


def _different(hits: Sequence[Hit], choices: Sequence[tuple[int, Candidate]]) -> list[tuple[int, Candidate]]:
    """The choices without those whose text an earlier one has."""
    first: dict[str, tuple[int, Candidate]] = {}
    for choice in choices:
        first.setdefault(_text(hits, choice), choice)
    return list(first.values())


def _text(hits: Sequence[Hit], choice: tuple[int, Candidate]) -> str:
    row, one = choice
    return one_line(hits[row].text[one.start : one.end])


def _by_document(hits: Sequence[Hit], quotes: Sequence[Quote]) -> list[Quote]:
    """The quotes of each document together and in its order, the document of the best hit first."""
    rank: dict[tuple[Path, str], int] = {}
    for hit in hits:
        rank.setdefault((hit.path, hit.member), len(rank))

    def place(quote: Quote) -> tuple[int, int, int]:
        hit = hits[quote.row]
        return rank[hit.path, hit.member], hit.passage, quote.start

    return sorted(quotes, key=place)
