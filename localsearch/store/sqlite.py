"""The SQLite that everything here uses, how a connection is set up, and what its failures mean.

pysqlite3 brings SQLite 3.53: the WAL-reset bug of 3.7 to 3.51.2 is fixed and FTS5 knows `secure-delete`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.errors import IndexBusy, IndexDamaged, LocalSearchError, StorageError
from localsearch.store import reserve

if TYPE_CHECKING:
    import sqlite3
else:
    from pysqlite3 import dbapi2 as sqlite3

__all__ = ["Connection", "connect", "is_full", "refuse_changed", "sqlite3", "transaction", "translated"]

Connection = sqlite3.Connection

DATABASE = "localsearch.db"

PRAGMAS = (
    "PRAGMA synchronous = FULL",  # a committed batch survives a power cut
    "PRAGMA secure_delete = ON",  # forgotten text is overwritten
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",  # damage is noticed when a page is read
    "PRAGMA mmap_size = 0",  # an I/O error is an error code, not SIGBUS
)


MEND = "Mend it with `localsearch doctor --repair`; your documents are untouched."
"""What to do about damage."""
PATIENCE = 5.0
"""Seconds that a connection waits for a lock."""
UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What reading a damaged database raises: SQLite's messages may quote bytes of it that are no text."""
READER_CACHE = 32_768
"""KiB of pages that a reader may keep: the words of a query stand on some thousand pages of a large index."""


def connect(database: Path, *, writable: bool) -> Connection:
    """Open a database. A reader opens `mode=ro`: it can neither write nor checkpoint.

    Transactions are explicit: `isolation_level` is None. The caller serialises use between threads.
    """
    try:
        return _connect(database, writable=writable)
    except sqlite3.OperationalError as error:
        if not writable and _is_at_rest(database):
            return _connect(database, writable=False, at_rest=True)
        # Shared memory that another connection has not made takes room; the reserve is for that.
        if not is_full(error) or not reserve.release(database.parent):
            raise
        return _connect(database, writable=writable)


class AtRest(sqlite3.Connection):
    """A reader of a database whose folder takes no shared memory: SQLite looks for no lock and no log.

    What somebody writes meanwhile, through another mount, is not kept from it; `refuse_changed` tells.
    """

    seen: tuple[int, ...]
    """The database file when it was opened."""


def _is_at_rest(database: Path) -> bool:
    """Whether nobody here can write beside the database, and no log holds commits that it lacks."""
    log = Path(f"{database}-wal")
    return not os.access(database.parent, os.W_OK) and not (log.exists() and log.stat().st_size)


def _stamp(database: Path) -> tuple[int, ...]:
    found = database.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def refuse_changed(connection: Connection, folder: Path) -> None:
    """Raises IndexBusy when what this connection has read may be of two states."""
    database = folder / DATABASE
    if isinstance(connection, AtRest) and not (_is_at_rest(database) and _stamp(database) == connection.seen):
        raise IndexBusy(f"The index at {folder} was changed while it was read.", hint="Run the command again.")


def _connect(database: Path, *, writable: bool, at_rest: bool = False) -> Connection:
    uri = f"{database.as_uri()}?mode={'rw' if writable else 'ro'}{'&immutable=1' if at_rest else ''}"
    seen = _stamp(database) if at_rest else ()
    connection = sqlite3.connect(
        uri,
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
        factory=AtRest if at_rest else sqlite3.Connection,
    )
    try:
        if isinstance(connection, AtRest):
            connection.seen = seen
        for pragma in PRAGMAS:
            connection.execute(pragma)
        if not writable:
            connection.text_factory = _decoded
            connection.execute(f"PRAGMA cache_size = -{READER_CACHE}")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # what cannot be read is said now
    except BaseException:
        connection.close()
        raise
    return connection


def _decoded(text: bytes) -> str:
    """A byte that is not UTF-8 is damage: it must reach the checksum, so it is kept and not refused."""
    return text.decode("utf-8", "surrogateescape")


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """One BEGIN IMMEDIATE ... COMMIT; anything raised inside rolls everything back. Inside another, a part of it."""
    nested = connection.in_transaction
    if nested:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def is_full(error: BaseException) -> bool:
    """Whether the disk had no room for what was to be written. Shared memory's failure does not say why it failed."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    name = getattr(error, "sqlite_errorname", None) or ""
    return isinstance(error, sqlite3.OperationalError) and (
        name.startswith(("SQLITE_FULL", "SQLITE_IOERR")) or "is full" in str(error) or "disk I/O" in str(error)
    )


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turn SQLite's and the system's storage errors into ours, once, at the edge of the store."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _meaning(error, folder) from error
    except UnicodeDecodeError as error:
        raise damaged(folder, "SQLite's message on it cannot be read") from error
    except OSError as error:
        raise StorageError(
            f"Cannot use the index at {folder}: {error.strerror or error}.",
            hint="Check free disk space and permissions; what was committed is kept. Then run the command again.",
        ) from error


def _meaning(error: sqlite3.DatabaseError, folder: Path) -> LocalSearchError:
    name = getattr(error, "sqlite_errorname", None) or ""
    text = str(error)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "malformed" in text or "not a database" in text:
        return damaged(folder, text)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in text:
        return IndexBusy(f"The index at {folder} is in use.", hint="Wait for the other command, then try again.")
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")) or (
        "disk" in text or "unable to open" in text or "readonly" in text
    ):
        return StorageError(
            f"Cannot use the index at {folder}: {text}.",
            hint="Check free disk space and permissions; what was committed is kept. Then run the command again.",
        )
    return damaged(folder, text)


def damaged(folder: Path, what: str) -> IndexDamaged:
    """The failure of an index that does not hold together, with the command that mends it."""
    return IndexDamaged(f"The index at {folder} is damaged: {what}.", hint=MEND)
