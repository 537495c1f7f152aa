"""Making an index, so that it exists whole or not at all, and sweeping up after runs that were killed."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from localsearch.errors import StorageError
from localsearch.paths import is_network_mount
from localsearch.store.checksums import checksum
from localsearch.store.folder import refuse_foreign, sync_file, sync_folder
from localsearch.store.lock import LOCK, WriterLock
from localsearch.store.sqlite import DATABASE, sqlite3, transaction, translated

NEW = ".new-"
"""Prefix of the folder in which a database is being made; what is left of a killed run is removed later."""
_OURS = re.compile(r"vectors-\d{6,}\.faiss(\.new)?", re.ASCII)
"""Names of FAISS files and of their drafts."""
MAY_STAND_THERE = {"README.md", ".gitignore", LOCK}
"""What a folder may hold and still become an index."""


def make_index(folder: Path, settings: Mapping[str, str]) -> None:
    """Make an empty index with these settings. The rename of the finished database is what creates it.

    Raises StorageError when the folder holds other things, is on a network mount or cannot be written.
    """
    with translated(folder):
        checked_place(folder)
        with WriterLock(folder):
            if not (folder / DATABASE).exists():
                _make_database(folder, settings)


def checked_place(folder: Path) -> None:
    """Make a folder, or see that it is empty, and close it to others. Raises StorageError."""
    with translated(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        strangers = [entry.name for entry in os.scandir(folder) if not _may_stand(entry.name)]
        if strangers:
            raise StorageError(
                f"{folder} is not empty ({strangers[0]!r}), so it is not made an index.",
                hint="Choose an empty or new folder.",
            )
        _refuse_network(folder)
        refuse_foreign(folder)
        folder.chmod(0o700)


def _may_stand(name: str) -> bool:
    return name in MAY_STAND_THERE or name.startswith(NEW)


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """A folder inside the index folder in which a database is made; what a killed run leaves of it is swept."""
    inside = Path(tempfile.mkdtemp(prefix=NEW, dir=folder))
    try:
        yield inside
    finally:
        shutil.rmtree(inside, ignore_errors=True)


def make_empty(database: Path) -> None:
    """Make a database of the newest format without settings, at a path where nothing is."""
    from sqlite_utils import Database

    from localsearch.store.schema import migrate

    os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(str(database), isolation_level=None)) as connection:
        migrate(Database(connection, execute_plugins=False))


def _make_database(folder: Path, settings: Mapping[str, str]) -> None:
    with workshop(folder) as inside:
        draft = inside / DATABASE
        make_empty(draft)
        with closing(sqlite3.connect(str(draft), isolation_level=None)) as connection:
            with transaction(connection):
                connection.executemany(
                    "INSERT INTO settings (key, value, checksum) VALUES (?, ?, ?)",
                    [(key, value, checksum("settings", (key, value))) for key, value in settings.items()],
                )
            connection.execute("PRAGMA journal_mode = WAL")
        sync_file(draft)
        draft.rename(folder / DATABASE)
        sync_folder(folder)


def _refuse_network(folder: Path) -> None:
    if is_network_mount(folder):
        raise StorageError(
            f"{folder} is on a network file system, where locks and syncs cannot be trusted.",
            hint="Keep the index on a local disk (--index); the documents may be anywhere.",
        )


def sweep(folder: Path, keep: str) -> None:
    """Remove what killed runs left behind: unfinished databases and FAISS files other than `keep`.

    Only under the writer's lock. What we did not write stays, whatever it is called.
    """
    for entry in os.scandir(folder):
        if entry.name.startswith(NEW) and entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        elif entry.name != keep and _OURS.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
            Path(entry.path).unlink()
