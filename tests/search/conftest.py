"""A small index in memory, filled row by row, for the parts of searching that need only the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from sqlite_utils import Database

from localsearch.store import schema
from localsearch.store.checksums import as_sql
from localsearch.store.sqlite import sqlite3
from localsearch.store.words import index_text

AddPassage = Callable[..., int]


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(Database(connection, execute_plugins=False))
    yield connection
    connection.close()


@pytest.fixture
def add(connection: sqlite3.Connection) -> AddPassage:
    """Stores one passage in a document of its own and returns the passage's id."""

    numbers = count()

    def add(
        text: str,
        *,
        context: str = "",
        path: str = "",
        kind: str = "txt",
        date: int | None = None,
        mtime: int = 0,
        member: str = "",
        author: str = "",
        title: str = "",
    ) -> int:
        path = path or f"/docs/{next(numbers)}.txt"
        file_id = connection.execute(
            "INSERT INTO files (path, shown, type, size, mtime_ns, content_hash, parser, reason, notes)"
            " VALUES (?, ?, ?, 0, ?, x'', '', '', '[]')"
            " ON CONFLICT (path) DO UPDATE SET type = type RETURNING id",
            (path.encode(), path, kind, mtime * 10**9),
        ).fetchone()[0]
        document_id = connection.execute(
            "INSERT INTO documents (file_id, ordinal, member, title, author, date) VALUES (?, 0, ?, ?, ?, ?)"
            " RETURNING id",
            (file_id, member, title, author, date),
        ).fetchone()[0]
        vector_id = connection.execute(
            "INSERT INTO vectors (key, value) VALUES (randomblob(16), x'') RETURNING id"
        ).fetchone()[0]
        passage_id = connection.execute(
            "INSERT INTO passages (document_id, vector_id, ordinal, start, end, page, heading, context, text)"
            " VALUES (?, ?, 0, 0, 0, NULL, '', ?, ?) RETURNING id",
            (document_id, vector_id, context, text),
        ).fetchone()[0]
        connection.execute(
            "INSERT INTO words (rowid, text, context, name) VALUES (?, ?, ?, '')",
            (passage_id, index_text(text), index_text(context)),
        )
        for table in ("files", "documents", "vectors", "passages"):
            connection.execute(f"UPDATE {table} SET checksum = {as_sql(table)}")
        return int(passage_id)

    return add
