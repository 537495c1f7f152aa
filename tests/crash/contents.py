"""What an index says, in a form in which two indexes can be compared, and what must hold of every index."""

from __future__ import annotations

from pathlib import Path

from localsearch import Index
from localsearch.store.keys import content_key
from localsearch.store.snapshot import Reader

CONTENT = """
    SELECT files.shown, documents.member, passages.ordinal, passages.text, passages.context, passages.page,
        vectors.value
    FROM files LEFT JOIN documents ON documents.file_id = files.id
    LEFT JOIN passages ON passages.document_id = documents.id LEFT JOIN vectors ON vectors.id = passages.vector_id
    ORDER BY 1, 2, 3
"""


def contents(folder: Path) -> list[tuple[object, ...]]:
    """Everything searchable, without ids and times."""
    reader = Reader(folder)
    try:
        with reader.snapshot() as connection:
            return connection.execute(CONTENT).fetchall()
    finally:
        reader.close()


def check_invariants(folder: Path, *, encoder: Path | None = None) -> None:
    """A killed run may leave work undone, never a contradiction. `encoder`: where its encoder has moved to."""
    reader = Reader(folder)
    try:
        with reader.snapshot() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            fingerprint = reader.setting(connection, "fingerprint")
            rows = connection.execute(
                "SELECT passages.id, context, text, key FROM passages JOIN vectors ON vectors.id = vector_id"
            ).fetchall()
            assert all(content_key(fingerprint, row[1], row[2]) == row[3] for row in rows)
            words = [row[0] for row in connection.execute("SELECT id FROM words_docsize ORDER BY id")]
            assert words == sorted(row[0] for row in rows), "passages and words must agree"
            empty = connection.execute(
                "SELECT count(*) FROM files WHERE reason = '' AND id NOT IN (SELECT file_id FROM documents)"
            ).fetchone()[0]
            assert empty == 0, "a file is stored whole or not at all"
    finally:
        reader.close()
    with Index.open(folder, encoder=encoder) as index:
        index.search("harbour")
