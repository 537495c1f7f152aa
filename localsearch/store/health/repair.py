"""Mending: what is made from rows is made anew; a database with damaged rows is replaced by what can be read of it.

A draft beside the old database, renamed into its place: killed at any moment, the index is what it was, or mended. A
log belongs to one database, and two files cannot be exchanged in one step; so the finished draft first gets a name by
which the next writer knows it and ends the exchange (`store.exchange`). What was replaced stays in a folder inside the
index until something is forgotten.
"""

from __future__ import annotations

import contextlib
import os
from contextlib import closing
from pathlib import Path

from localsearch.store import exchange
from localsearch.store.copies import keep_copy
from localsearch.store.create import make_empty, workshop
from localsearch.store.folder import sync_file
from localsearch.store.health.reading import opened
from localsearch.store.health.salvage import Complete, Salvaged, salvage
from localsearch.store.lock import WriterLock
from localsearch.store.sqlite import DATABASE, UNREADABLE, connect, sqlite3, translated


def replace_database(folder: Path, complete: Complete) -> tuple[Salvaged, str]:
    """Put what can be read of the database in its place; what became of it, and the name of the copy.

    No connection to the database may be open in this process. Raises IndexBusy, StorageError.
    """
    with translated(folder), WriterLock(folder), workshop(folder) as inside:
        exchange.finish(folder)
        draft = inside / DATABASE
        make_empty(draft)
        with (
            opened(folder, inside, make_empty) as old,
            closing(sqlite3.connect(str(draft), isolation_level=None)) as new,
        ):
            salvaged = salvage(old, new, complete, os.listdir(folder))
            new.execute("PRAGMA journal_mode = WAL")
        sync_file(draft)
        copy = keep_copy(folder, inside)
        _empty_log(folder)
        exchange.begin(folder, draft)
        exchange.finish(folder)
    return salvaged, copy


def _empty_log(folder: Path) -> None:
    """Copy the log into the old database as far as it can be: who reads it without its log then reads the same."""
    with (
        contextlib.suppress(*UNREADABLE),
        closing(connect(folder / DATABASE, writable=True)) as one,
    ):
        one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
