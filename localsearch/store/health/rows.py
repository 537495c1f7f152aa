"""Rows: is each the one that was written, and are all there?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from localsearch.records import Finding, Part
from localsearch.store.catalogue import NEEDED
from localsearch.store.checksums import COVERED, is_intact, selected
from localsearch.store.keys import content_key
from localsearch.store.sqlite import DATABASE, Connection

REPAIR = "localsearch doctor --repair"
SMALL = ("settings", "roots", "vector_cache")
"""Tables that the quick examination reads whole."""


def examine(connection: Connection, folder: Path, full: bool) -> Iterator[Finding]:
    signed = connection.execute("SELECT 1 FROM pragma_table_info('passages') WHERE name = 'checksum'").fetchone()
    if signed:
        for table in COVERED if full else SMALL:
            found = connection.execute(f"SELECT {selected(table)} FROM {table}")
            if wrong := sum(not is_intact(table, row) for row in found):
                yield _finding(f"{wrong:,} rows of {table} are not as they were written")
    settings = {row[0] for row in connection.execute("SELECT key FROM settings")}
    for lost in sorted(NEEDED - settings):
        yield _finding(f"the setting {lost!r} is lost")
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    for table in sorted({row[0] for row in broken}):
        yield _finding(f"rows of {table} belong to rows that are lost")
    yield from _lost(connection)
    if full:
        yield from _keys(connection)


def _lost(connection: Connection) -> Iterator[Finding]:
    """Rows that should be there, by their numbers; passage ids that could be given twice."""
    for table, owner in (("documents", "file_id"), ("passages", "document_id")):
        gaps = connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY {owner} HAVING max(ordinal) != count(*) - 1)"
        ).fetchone()[0]
        if gaps:
            yield _finding(f"{gaps:,} rows of {table} are lost")
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
    greatest = connection.execute(
        "SELECT max(coalesce((SELECT max(id) FROM passages), 0), coalesce((SELECT last_passage FROM vector_cache), 0))"
    ).fetchone()[0]
    if greatest > (row[0] if row and isinstance(row[0], int) else 0):
        yield _finding("the greatest passage number is lost")


def _keys(connection: Connection) -> Iterator[Finding]:
    fingerprint = connection.execute("SELECT value FROM settings WHERE key = 'fingerprint'").fetchone()
    rows = connection.execute("SELECT context, text, key FROM passages JOIN vectors ON vectors.id = passages.vector_id")
    if fingerprint and (wrong := sum(_key(fingerprint[0], *row[:2]) != row[2] for row in rows)):
        yield _finding(f"{wrong:,} passages have the vector of another text")


def _key(fingerprint: str, context: object, text: object) -> bytes:
    both = isinstance(context, str) and isinstance(text, str)
    return content_key(fingerprint, str(context), str(text)) if both else b""


def _finding(what: str) -> Finding:
    return Finding(Part.ROWS, what, DATABASE, "everything else: what is damaged is not shown", REPAIR)
