"""Mending: what is made from rows is made anew; a database with damaged rows is replaced by what can be read of it.

A draft beside the old database, then one rename: killed at any moment, the index is what it was, or mended. What was
replaced stays in a folder inside the index until something is forgotten.
"""

from __future__ import annotations

import contextlib
import os
from contextlib import closing
from pathlib import Path

from localsearch.store.copies import PARTS, keep_copy
from localsearch.store.create import make_empty, workshop
from localsearch.store.folder import sync_file, sync_folder
from localsearch.store.health.reading import opened
from localsearch.store.health.salvage import Complete, Salvaged, salvage
from localsearch.store.lock import WriterLock
from localsearch.store.sqlite import DATABASE, UNREADABLE, connect, sqlite3, translated


def replace_database(folder: Path, complete: Complete) -> tuple[Salvaged, str]:
    """Put what can be read of the database in its place; what became of it, and the name of the copy.

    No connection to the database may be open in this process. Raises IndexBusy, StorageError.
    """
    with translated(folder), WriterLock(folder), workshop(folder) as inside:
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
        for part in PARTS[1:]:
            (folder / part).unlink(missing_ok=True)
        draft.rename(folder / DATABASE)
        sync_folder(folder)
    return salvaged, copy


def _empty_log(folder: Path) -> None:
    """Copy the log into the old database as far as it can be, so that removing the log loses nothing of it."""
    with (
        contextlib.suppress(*UNREADABLE),
        closing(connect(folder / DATABASE, writable=True)) as one,
    ):
        one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
