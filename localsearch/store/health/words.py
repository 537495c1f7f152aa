"""Words: does the keyword index hold exactly the words of the passages?

A flipped bit inside FTS5 can leave it consistent with itself, and find other passages. So the words are made again
from the passages, in memory, and compared: every word at every place, the lengths that BM25 uses, and every look-up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from localsearch.records import Finding, Part
from localsearch.store.sqlite import DATABASE, Connection, sqlite3
from localsearch.store.words import TOKENIZER
from localsearch.store.writer import PASSAGE_WORDS, words_of

REPAIR = "localsearch doctor --repair"
CHUNK = 2_000
"""Passages whose words are made again at once."""


def examine(connection: Connection, folder: Path, full: bool) -> Iterator[Finding]:
    passages = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
    indexed = connection.execute("SELECT count(*) FROM words_docsize").fetchone()[0]
    if passages != indexed:
        yield _finding(f"it has {indexed:,} of {passages:,} passages")
    if full:
        yield from _compare(connection)


def _finding(what: str) -> Finding:
    return Finding(Part.WORDS, f"the keyword index is damaged: {what}", DATABASE, "searches by meaning", REPAIR)


def _compare(connection: Connection) -> Iterator[Finding]:
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.examined USING fts5vocab (main, words, instance)")
    found: dict[int, int] = {}
    for doc, *place in connection.execute("SELECT doc, term, col, offset FROM examined"):
        found[doc] = found.get(doc, 0) + hash(tuple(place))
    sizes = dict(connection.execute("SELECT id, sz FROM words_docsize").fetchall())
    terms: set[str] = set()
    total: list[int] = []
    wrong = 0
    for chunk in _chunks(connection):
        made, lengths = _made(chunk, terms)
        for row in chunk:
            wrong += made.get(row[0], 0) != found.pop(row[0], 0) or lengths[row[0]] != sizes.pop(row[0], None)
            total = [sum(pair) for pair in zip(total or (0, 0, 0), _numbers(lengths[row[0]]), strict=True)]
    wrong += len(found.keys() | sizes.keys())
    if wrong:
        yield _finding(f"the words of {wrong:,} passages are not those of their texts")
    yield from _averages(connection, total)
    yield from _look_ups(connection, terms)


def _chunks(connection: Connection) -> Iterator[list[tuple[Any, ...]]]:
    rows = connection.execute(f"{PASSAGE_WORDS} ORDER BY passages.id")
    while chunk := rows.fetchmany(CHUNK):
        yield chunk


def _made(chunk: list[tuple[Any, ...]], terms: set[str]) -> tuple[dict[int, int], dict[int, bytes]]:
    """What FTS5 makes of these passages: a sum over the places of each one's words, and its lengths."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as scratch:
        scratch.execute(
            f"""CREATE VIRTUAL TABLE words USING fts5 (text, context, name, content = '', tokenize = "{TOKENIZER}")"""
        )
        scratch.execute("CREATE VIRTUAL TABLE places USING fts5vocab (words, instance)")
        scratch.execute("BEGIN")
        scratch.executemany(
            "INSERT INTO words (rowid, text, context, name) VALUES (?, ?, ?, ?)",
            ((row[0], *map(_writable, words_of(*row[1:]))) for row in chunk),
        )
        scratch.execute("COMMIT")
        sums: dict[int, int] = {}
        for doc, *place in scratch.execute("SELECT doc, term, col, offset FROM places"):
            terms.add(place[0])
            sums[doc] = sums.get(doc, 0) + hash(tuple(place))
        return sums, dict(scratch.execute("SELECT id, sz FROM words_docsize").fetchall())


def _writable(text: str) -> str:
    """Bytes of a damaged text that are not UTF-8 cannot be given to FTS5; any sign will do for a row that is lost."""
    return text.encode("utf-8", "replace").decode()


def _numbers(data: bytes) -> list[int]:
    """SQLite's variable-length integers; https://sqlite.org/fileformat2.html#varint. Lengths are below 2^56."""
    numbers, value = [], 0
    for byte in data:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(value)
            value = 0
    return numbers


def _averages(connection: Connection, total: list[int]) -> Iterator[Finding]:
    """The record with which BM25 knows how long passages are on average: their number, and words per column."""
    passages = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
    row = connection.execute("SELECT block FROM words_data WHERE id = 1").fetchone()
    if passages and (row is None or _numbers(row[0]) != [passages, *total]):
        yield _finding("it counts the passages wrongly")


def _look_ups(connection: Connection, terms: set[str]) -> Iterator[Finding]:
    """Looking a word up takes another way than reading all of them."""
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.looked_up USING fts5vocab (main, words, row)")
    lost = sum(
        connection.execute("SELECT 1 FROM looked_up WHERE term = ?", [term]).fetchone() is None for term in terms
    )
    if lost:
        yield _finding(f"{lost:,} words are not found")
