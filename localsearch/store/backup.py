"""A copy of an index in another folder, consistent although a writer may be at work."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from localsearch.errors import StorageError
from localsearch.store.create import checked_place, make_empty, workshop
from localsearch.store.folder import sync_file, sync_folder
from localsearch.store.lock import WriterLock
from localsearch.store.sqlite import DATABASE, Connection, sqlite3, translated


def copy_database(source: Connection, folder: Path, *, outside: Path) -> None:
    """Copy one state of a database into a new or empty folder. The rename of the finished copy makes it an index.

    Raises StorageError when the folder holds other things, is on a network mount, cannot be written, or lies inside
    `outside`, the folder of the index itself: there, what is forgotten later would stay without anybody knowing.
    """
    with translated(folder):
        if folder.resolve().is_relative_to(outside.resolve()):
            raise StorageError(
                f"{folder} lies inside the index at {outside}, where `forget` would not reach the copy.",
                hint="Name a folder outside the index.",
            )
        checked_place(folder)
        with WriterLock(folder), workshop(folder) as inside:
            draft = inside / DATABASE
            make_empty(draft)
            with closing(sqlite3.connect(str(draft), isolation_level=None)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            sync_file(draft)
            draft.rename(folder / DATABASE)
            sync_folder(folder)
