"""Where in a text are the query's words? FTS5 itself says, so that what is marked is what was matched."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from threading import local
from typing import TYPE_CHECKING

from localsearch.store.words import TOKENIZER, Piece, pieces

if TYPE_CHECKING:
    from localsearch.search.query import Query
    from localsearch.store.sqlite import Connection

Span = tuple[int, int]

_OPEN, _CLOSE = "\x02", "\x03"
_MARKS = str.maketrans({_OPEN: " ", _CLOSE: " "})
_MARKED = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")


def matched_spans(texts: Sequence[str], query: Query) -> list[tuple[Span, ...]]:
    """For each text the places that match the query: code points, sorted, not overlapping."""
    found: list[tuple[Span, ...]] = [()] * len(texts)
    expressions = (*query.words, *query.required)
    if not expressions:
        return found
    cut = [list(pieces(text.translate(_MARKS))) for text in texts]
    connection = _scratch()
    connection.execute("BEGIN")
    try:
        connection.executemany(
            "INSERT INTO texts (rowid, text) VALUES (?, ?)",
            ((row, "".join(piece.text for piece in text)) for row, text in enumerate(cut)),
        )
        marked = connection.execute(
            f"SELECT rowid, highlight(texts, 0, '{_OPEN}', '{_CLOSE}') FROM texts WHERE texts MATCH ?",
            (" OR ".join(expressions),),
        )
        for row, text in marked:
            found[row] = tuple(_joined(_in_original(cut[row], _marked_spans(text))))
    finally:
        connection.execute("ROLLBACK")
    return found


_thread = local()


def _scratch() -> Connection:
    """An empty table of texts in memory, made once a thread."""
    from localsearch.store.sqlite import sqlite3

    if not hasattr(_thread, "scratch"):
        _thread.scratch = sqlite3.connect(":memory:", isolation_level=None)
        _thread.scratch.execute(f'CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize = "{TOKENIZER}")')
    scratch: Connection = _thread.scratch
    return scratch


def _marked_spans(text: str) -> Iterator[Span]:
    """Spans between marks, counted without the marks."""
    for before, match in enumerate(_MARKED.finditer(text)):
        start = match.start() - 2 * before
        yield start, start + len(match[1])


def _in_original(cut: Sequence[Piece], spans: Iterator[Span]) -> Iterator[Span]:
    """Spans of the indexed text as spans of the text that it was made from."""
    begins = [0, *accumulate(len(piece.text) for piece in cut)]
    for start, end in spans:
        first, last = bisect_right(begins, start) - 1, bisect_right(begins, end - 1) - 1
        yield (
            cut[first].start + (start - begins[first] if _is_same_length(cut[first]) else 0),
            cut[last].start + end - begins[last] if _is_same_length(cut[last]) else cut[last].end,
        )


def _is_same_length(piece: Piece) -> bool:
    return len(piece.text) == piece.end - piece.start


def _joined(spans: Iterator[Span]) -> Iterator[Span]:
    """Spans that touch or overlap (the pairs of a script without spaces do) become one."""
    current: Span | None = None
    for start, end in sorted(spans):
        if current is None:
            current = start, end
        elif start <= current[1]:
            current = current[0], max(end, current[1])
        else:
            yield current
            current = start, end
    if current is not None:
        yield current
