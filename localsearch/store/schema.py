"""The disk format: tables, and the append-only list of migrations that makes them.

docs/format.md describes it for readers of the files. The format number is `PRAGMA user_version`; a database
with a higher number was made by a newer version and is refused, a lower one is migrated by the next writer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localsearch.errors import IndexMismatch
from localsearch.store.words import TOKENIZER

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x4C53_6561
"""`LSea`: tells `file` and us that the database is ours."""
FORMAT = 1
"""Number of the newest migration below."""

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


def migrate(db: Database) -> None:
    """Bring a database to `FORMAT`, each step in one transaction. Raises IndexMismatch on a newer format."""
    from sqlite_utils import Migrations

    check_format(int(db.execute("PRAGMA user_version").fetchone()[0]))
    steps = Migrations("localsearch")

    @steps()
    def m001_tables(db: Database) -> None:
        for statement in TABLES.split(";\n"):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")

    steps.apply(db)


def check_format(found: int) -> None:
    """Raises IndexMismatch when a newer version of localsearch made the database."""
    if found > FORMAT:
        raise IndexMismatch(
            f"The index has format {found}; this version reads up to {FORMAT}.",
            hint="Update localsearch, or index again into another folder with --index.",
        )
