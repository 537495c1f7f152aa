"""The index folder: is there one, is it ours, is it closed to others."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from localsearch.errors import IndexDamaged, IndexNotFound, StorageError
from localsearch.store.sqlite import DATABASE, MEND, translated


def check_index(folder: Path) -> Path:
    """The database of an index that is safe to open. Raises IndexNotFound, StorageError, IndexDamaged."""
    database = folder / DATABASE
    with translated(folder):
        try:
            found = database.lstat()
        except (FileNotFoundError, NotADirectoryError):
            raise IndexNotFound(
                f"No index at {folder}.",
                hint="Make one with `localsearch index PATH`, or name one with --index.",
            ) from None
        if not stat.S_ISREG(found.st_mode):
            raise IndexDamaged(f"{database} is not a regular file.", hint="Name another folder with --index.")
        if found.st_size == 0:
            raise IndexDamaged(
                f"{database} is empty: the index is damaged.",
                hint=MEND,
            )
        refuse_foreign(folder)
        _refuse_open_to_others(folder)
    return database


def refuse_foreign(folder: Path) -> None:
    if folder.stat().st_uid != os.geteuid():
        raise StorageError(
            f"The index folder {folder} belongs to another user.",
            hint="Name a folder of your own with --index.",
        )


def _refuse_open_to_others(folder: Path) -> None:
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        raise StorageError(
            f"The index folder {folder} can be entered by other users; it holds your documents' text.",
            hint=f"Close it with `chmod 700 {folder}`, then run the command again.",
        )


def sync_file(path: Path) -> None:
    """Wait until the file's bytes are on the disk. A failed sync is final: the caller throws the file away."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the folder's names are on the disk."""
    sync_file(folder)
