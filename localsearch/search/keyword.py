"""Which passages have the query's words? BM25 by FTS5 over text, context and file name.

Scoring a row costs FTS5 about 2 microseconds, finding it a tenth of that. Where a query's words match more rows
than can be scored at once, the rare words choose the candidates and all words score them: a passage without any
of the rare words could hardly come first (the idea of MaxScore: Turtle and Flood, IP&M 1995).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localsearch.records import Ranking
from localsearch.store.words import phrase

if TYPE_CHECKING:
    from localsearch.search.filters import Clause
    from localsearch.search.query import Query
    from localsearch.store.sqlite import sqlite3

_BM25 = "bm25(words, 1.0, 1.5, 1.0)"
"""Weights of text, context, file name; measured in docs/decisions/0006-fusion.md."""
_ROWS_TO_SCORE = 10_000
"""Rows scored at most, if the rare words leave enough of them: about 20 ms where words alone count."""
_ROWS_BESIDE_MEANING = 4_000
"""The same beside the dense leg, whose candidates are scored by all words anyway: the first ten stay the same."""
_ROWS_TO_FIND = 60_000
"""Rows that the words of a query may match in all beside the dense leg: about 6 ms to run through."""
_ENOUGH_WORDS = 8
"""So many of the rarest words count whatever they match."""
_ENOUGH_ROWS = 1_000
"""Rows that the rare words must match before more frequent words may be left out."""
_CANDIDATES = 3
"""Times the limit: candidates of the rare words that all words score again."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a query that are looked up, with the passages that have each."""

    rows: dict[str, int]
    """By FTS5 expression, in the query's order."""

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def match(self) -> str:
        """The FTS5 expression that finds and ranks."""
        return " OR ".join(self.rows)

    def rarest(self, most_rows: int, enough_rows: int = 0, enough_words: int = 0) -> Words:
        """As many of the rarest words as match `most_rows` in all; more while what there is is not enough."""
        rows = 0
        chosen: set[str] = set()
        for word in sorted(self.rows, key=self.rows.__getitem__):
            if rows >= enough_rows and len(chosen) >= enough_words and rows + self.rows[word] > most_rows:
                break
            chosen.add(word)
            rows += self.rows[word]
        return Words({word: count for word, count in self.rows.items() if word in chosen})


def count_words(connection: sqlite3.Connection, query: Query, known: dict[str, int] | None = None) -> Words:
    """All words of a query. `known`: counts of the same state of the index, which grow."""
    known = {} if known is None else known
    for word in query.words:
        if word not in known:
            known[word] = _matching(connection, word)
    return Words({word: known[word] for word in query.words})


def passages_with(connection: sqlite3.Connection, word: str) -> int:
    """How many passages have a word."""
    return _matching(connection, phrase(word))


def _matching(connection: sqlite3.Connection, expression: str) -> int:
    return int(connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (expression,)).fetchone()[0])


def beside_meaning(words: Words) -> Words:
    """The words that count beside the dense leg: of a long question to a large index not the most frequent ones."""
    return words.rarest(_ROWS_TO_FIND, enough_words=_ENOUGH_WORDS)


def keyword_leg(
    connection: sqlite3.Connection, words: Words, limit: int, allowed: Clause | None = None, *, beside: bool = False
) -> Ranking:
    """The best passages by BM25, at most `limit`; only passages that `allowed` selects.

    `beside`: the dense leg is asked too, and the time should be no longer than its own.
    """
    rare = words.rarest(_ROWS_BESIDE_MEANING if beside else _ROWS_TO_SCORE, _ENOUGH_ROWS)
    found = _ranked(connection, rare, limit if rare == words else _CANDIDATES * limit, allowed)
    if rare != words:
        if len(found) < limit:
            found = _ranked(connection, words, limit, allowed)
        else:
            scores = bm25_of(connection, words, [passage for passage, _ in found])
            found = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return _ranking(found)


def bm25_of(connection: sqlite3.Connection, words: Words, ids: Sequence[int]) -> dict[int, float]:
    """BM25 of the given passages, higher is better; those without any of the words are left out."""
    if not words or not ids:
        return {}
    rows = connection.execute(
        f"SELECT rowid, {_BM25} FROM words WHERE words MATCH ? AND +rowid IN (SELECT value FROM json_each(?))",
        (words.match, json.dumps(ids)),
    )
    return {passage: _positive(rank) for passage, rank in rows}


def _ranked(
    connection: sqlite3.Connection, words: Words, limit: int, allowed: Clause | None
) -> list[tuple[int, float]]:
    if not words:
        return []
    # The + keeps SQLite from asking FTS5 once for each allowed id.
    among = f"AND +rowid IN ({allowed.sql})" if allowed else ""
    rows = connection.execute(
        f"SELECT rowid, {_BM25} AS score FROM words WHERE words MATCH ? {among} ORDER BY score, rowid LIMIT ?",
        (words.match, *(allowed.params if allowed else ()), limit),
    )
    return [(passage, _positive(rank)) for passage, rank in rows]


def _positive(fts5_rank: float) -> float:
    """FTS5's scores are negative, best first; from here on higher is better."""
    return -fts5_rank


def _ranking(found: Sequence[tuple[int, float]]) -> Ranking:
    import numpy as np

    ids = np.array([passage for passage, _ in found], dtype=np.int64)
    return Ranking(ids, np.array([score for _, score in found], dtype=np.float32))
