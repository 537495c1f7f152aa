"""Putting another database in the place of one, so that whoever is killed between leaves it to the next writer.

The log of the old database must be gone before the new one stands under its name: SQLite would copy it into the new
one. While the finished new database waits under a name of its own, the old one may already lack its log.
"""

from __future__ import annotations

from pathlib import Path

from localsearch.store.folder import sync_folder
from localsearch.store.sqlite import DATABASE

READY = f"{DATABASE}.ready"
"""A finished database, synced, that is to be put in the place of the index's."""
LOGS = (f"{DATABASE}-wal", f"{DATABASE}-shm")
"""What belongs to the old one alone."""


def begin(folder: Path, database: Path) -> None:
    """From now on the database at this path is the index's, whoever ends the exchange. Under the writer's lock."""
    database.rename(folder / READY)
    sync_folder(folder)


def finish(folder: Path) -> None:
    """End an exchange that was begun, if one was. Only under the writer's lock, with no connection open here."""
    if (folder / READY).is_file():
        for log in LOGS:
            (folder / log).unlink(missing_ok=True)
        sync_folder(folder)  # the log must not come back beside the new database
        (folder / READY).rename(folder / DATABASE)
        sync_folder(folder)
