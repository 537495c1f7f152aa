"""The disk format: tables, and the append-only list of migrations that makes them.

docs/format.md describes it for readers of the files. The format number is `PRAGMA user_version`; a database
with a higher number was made by a newer version and is refused, a lower one is migrated by the next writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.errors import IndexMismatch
from localsearch.store.checksums import COVERED, as_sql, column, covered, register
from localsearch.store.sqlite import damaged
from localsearch.store.words import TOKENIZER

if TYPE_CHECKING:
    from sqlite_utils import Database

    from localsearch.store.sqlite import Connection

APPLICATION_ID = 0x4C53_6561
"""`LSea`: tells `file` and us that the database is ours."""
FORMAT = 2
"""Number of the newest migration below."""
MIGRATIONS = ("m001_tables", "m002_checksums")
"""Their names, in order, as every database lists those that made it."""

TABLES = f"""
CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE roots (
    id      INTEGER PRIMARY KEY,
    path    BLOB NOT NULL UNIQUE,   -- absolute, as the system spells it
    options TEXT NOT NULL           -- JSON: the globs and limits it was added with
) STRICT;

CREATE TABLE files (
    id           INTEGER PRIMARY KEY,
    path         BLOB NOT NULL UNIQUE,   -- absolute, as the system spells it
    shown        TEXT NOT NULL,          -- the same for people and for --path globs
    type         TEXT NOT NULL,          -- pdf, docx, ... by content, not by name alone
    size         INTEGER NOT NULL,       -- bytes
    mtime_ns     INTEGER NOT NULL,
    content_hash BLOB NOT NULL,          -- BLAKE2b-128 of the bytes; empty when they could not be read
    parser       TEXT NOT NULL,          -- version of parser and splitter that read it
    reason       TEXT NOT NULL,          -- why it has no passages; empty when it has
    notes        TEXT NOT NULL           -- JSON list: what inside it was lost
) STRICT;
CREATE INDEX files_by_content ON files (content_hash);

CREATE TABLE documents (
    id      INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,            -- 0-based within the file
    member  TEXT NOT NULL,               -- place inside an archive or mailbox, else empty
    title   TEXT NOT NULL,
    author  TEXT NOT NULL,
    date    INTEGER                      -- seconds since the epoch, UTC; else the file's mtime
) STRICT;
CREATE INDEX documents_by_file ON documents (file_id);

CREATE TABLE vectors (
    id    INTEGER PRIMARY KEY,
    key   BLOB NOT NULL UNIQUE,          -- BLAKE2b-128(encoder fingerprint, context, text)
    value BLOB NOT NULL                  -- little-endian float16, dim of them, unit length
) STRICT;

CREATE TABLE passages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: a stale cache points at nothing else
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    vector_id   INTEGER NOT NULL REFERENCES vectors (id),
    ordinal     INTEGER NOT NULL,        -- 0-based within the document
    start       INTEGER NOT NULL,        -- code points in the document's text, inclusive
    end         INTEGER NOT NULL,        -- exclusive
    page        INTEGER,                 -- page, slide or sheet, 1-based
    heading     TEXT NOT NULL,
    context     TEXT NOT NULL,
    text        TEXT NOT NULL
) STRICT;
CREATE INDEX passages_by_document ON passages (document_id, ordinal);
CREATE INDEX passages_by_vector ON passages (vector_id);

-- Words of passages. rowid = passages.id. Contentless: the texts stand in `passages`, and `store.words.index_text`
-- makes them ready; a row is removed by handing the same values back with the 'delete' command.
CREATE VIRTUAL TABLE words USING fts5 (
    text, context, name, content = '', tokenize = "{TOKENIZER}"
);
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);

-- The one FAISS file that may be trusted, and up to where it goes.
CREATE TABLE vector_cache (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    file         TEXT NOT NULL,          -- name inside the index folder
    checksum     BLOB NOT NULL,          -- SHA-256 of the file
    generation   INTEGER NOT NULL,
    last_passage INTEGER NOT NULL,       -- passages with greater ids are not in it
    passages     INTEGER NOT NULL        -- how many it holds
) STRICT;

-- Passages that the cache still holds but that are gone.
CREATE TABLE tombstones (
    passage_id INTEGER PRIMARY KEY
) STRICT;
"""

ADDED_IN_2 = (
    (
        "roots",
        "complete INTEGER NOT NULL DEFAULT 0",
        "CAST((SELECT value FROM settings WHERE key = 'complete') AS INT)",
    ),
    ("roots", "updated INTEGER NOT NULL DEFAULT 0", "CAST((SELECT value FROM settings WHERE key = 'updated') AS INT)"),
    ("files", "pending TEXT NOT NULL DEFAULT ''", "''"),
)
"""Table, column with its type, and what a row of format 1 gets.

`complete`: 1 when the last run over this root ended; `updated`: that moment, seconds since the epoch, UTC, 0 for never;
`pending`: why the last attempt to read the file failed through no fault of the file.
"""


def migrate(db: Database) -> None:
    """Bring a database whose format is known (`read_format`) to `FORMAT`, each step in one transaction."""
    from sqlite_utils import Migrations

    steps = Migrations("localsearch")

    @steps()
    def m001_tables(db: Database) -> None:
        for statement in TABLES.split(";\n"):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")

    @steps()
    def m002_checksums(db: Database) -> None:
        for table, definition, value in ADDED_IN_2:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {definition}")
            db.execute(f"UPDATE {table} SET {definition.split()[0]} = {value}")
        for table in COVERED:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column(table)} BLOB NOT NULL DEFAULT x''")
            db.execute(f"UPDATE {table} SET {column(table)} = {as_sql(table)}")
        db.execute("PRAGMA user_version = 2")

    register(db.conn)
    steps.apply(db)


def show_as_newest(connection: Connection, found: int) -> None:
    """Let a reader's connection see a database of an older format as one of the newest, unchanged on the disk.

    Views stand before the tables. What format 1 has no checksum for cannot be verified: theirs are made on reading.
    """
    if found < 2:
        register(connection)
        for statement in _views_of_1():
            connection.execute(statement)


def _views_of_1() -> Iterator[str]:
    for table, columns in COVERED.items():
        new = {one[1].split()[0]: one[2] for one in ADDED_IN_2 if one[0] == table}
        references = {"passages": ", vector_id", "vectors": ", id"}.get(table, "")
        old = ", ".join(f"{new[name]} AS {name}" if name in new else name for name in columns)
        yield (
            f"CREATE TEMP VIEW {table} AS SELECT {covered(table)}{references}, {as_sql(table)} AS {column(table)}"
            f" FROM (SELECT {old}{references} FROM main.{table}) AS {table}"
        )


def read_format(connection: Connection, folder: Path) -> int:
    """The format of a database: its number and the list of its migrations must agree on it.

    Raises IndexMismatch when a newer version of localsearch made the database, IndexDamaged when they do not agree.
    """
    found, made = connection.execute(
        "SELECT user_version, (SELECT count(*) FROM _sqlite_migrations) FROM pragma_user_version"
    ).fetchone()
    if found > FORMAT and made > FORMAT:
        check_format(found)
    if found != made:
        raise damaged(folder, f"it says format {found}, but was migrated to format {made}")
    return int(found)


def check_format(found: int) -> None:
    """Raises IndexMismatch when a newer version of localsearch made the database."""
    if found > FORMAT:
        raise IndexMismatch(
            f"The index has format {found}; this version reads up to {FORMAT}.",
            hint="Update localsearch, or index again into another folder with --index.",
        )
