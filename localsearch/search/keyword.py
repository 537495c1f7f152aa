"""Which passages have the query's words? BM25 by FTS5 over text, context and file name.

Scoring a row costs FTS5 about 2 microseconds, finding it a tenth of that. Where a query's words match more rows
than can be scored at once, the rare words choose the candidates and all words score them: a passage without any
of the rare words could hardly come first (the idea of MaxScore: Turtle and Flood, IP&M 1995).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from localsearch.records import Ranking

if TYPE_CHECKING:
    from localsearch.search.filters import Clause
    from localsearch.search.query import Query
    from localsearch.store.sqlite import sqlite3

_BM25 = "bm25(words, 1.0, 1.5, 1.0)"
"""Weights of text, context, file name; measured in docs/decisions/0006-fusion.md."""
_ROWS_TO_SCORE = 10_000
"""Rows scored at most, if the rare words leave enough of them: about 20 ms where words alone count."""
_ROWS_BESIDE_MEANING = 5_000
"""The same beside the dense leg, whose candidates are scored by all words anyway: the first ten stay the same."""
_ENOUGH_ROWS = 1_000
"""Rows that the rare words must match before more frequent words may be left out."""
_CANDIDATES = 3
"""Times the limit: candidates of the rare words that all words score again."""


def keyword_leg(
    connection: sqlite3.Connection, query: Query, limit: int, allowed: Clause | None = None, *, beside: bool = False
) -> Ranking:
    """The best passages by BM25, at most `limit`; only passages that `allowed` selects.

    `beside`: the dense leg is asked too, and the time should be no longer than its own.
    """
    rare = _rare_words(connection, query.words, _ROWS_BESIDE_MEANING if beside else _ROWS_TO_SCORE)
    found = _ranked(connection, rare, limit if rare == query.words else _CANDIDATES * limit, allowed)
    if rare != query.words:
        if len(found) < limit:
            found = _ranked(connection, query.words, limit, allowed)
        else:
            scores = bm25_of(connection, query, [passage for passage, _ in found])
            found = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return _ranking(found)


def bm25_of(connection: sqlite3.Connection, query: Query, ids: Sequence[int]) -> dict[int, float]:
    """BM25 of the given passages, higher is better; those without any of the words are left out."""
    if not query.words or not ids:
        return {}
    rows = connection.execute(
        f"SELECT rowid, {_BM25} FROM words WHERE words MATCH ? AND +rowid IN (SELECT value FROM json_each(?))",
        (query.match, json.dumps(ids)),
    )
    return {passage: _positive(rank) for passage, rank in rows}


def _rare_words(connection: sqlite3.Connection, words: tuple[str, ...], to_score: int) -> tuple[str, ...]:
    """All words, or the rarest of them when all together match too many rows."""
    counts = {
        word: int(connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (word,)).fetchone()[0])
        for word in words
    }
    rows, rare = 0, set()
    for word in sorted(words, key=counts.__getitem__):
        if rows >= _ENOUGH_ROWS and rows + counts[word] > to_score:
            break
        rare.add(word)
        rows += counts[word]
    return tuple(word for word in words if word in rare)


def _ranked(
    connection: sqlite3.Connection, words: Sequence[str], limit: int, allowed: Clause | None
) -> list[tuple[int, float]]:
    if not words:
        return []
    # The + keeps SQLite from asking FTS5 once for each allowed id.
    among = f"AND +rowid IN ({allowed.sql})" if allowed else ""
    rows = connection.execute(
        f"SELECT rowid, {_BM25} AS score FROM words WHERE words MATCH ? {among} ORDER BY score, rowid LIMIT ?",
        (" OR ".join(words), *(allowed.params if allowed else ()), limit),
    )
    return [(passage, _positive(rank)) for passage, rank in rows]


def _positive(fts5_rank: float) -> float:
    """FTS5's scores are negative, best first; from here on higher is better."""
    return -fts5_rank


def _ranking(found: Sequence[tuple[int, float]]) -> Ranking:
    import numpy as np

    ids = np.array([passage for passage, _ in found], dtype=np.int64)
    return Ranking(ids, np.array([score for _, score in found], dtype=np.float32))
