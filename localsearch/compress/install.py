"""Putting a finished encoder where the user's encoders live: whole, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localsearch.encoder.shelf import new_folder
from localsearch.errors import StorageError
from localsearch.paths import encoders_folder

_NEW = ".new-"
DONE = "done"
"""What the maker leaves in its workplace: the finished folder."""


@contextmanager
def installing(name: str) -> Iterator[Path]:
    """A workplace on the same disk; when it holds a folder `done` at the end, that becomes the encoder `name`.

    Raises EncoderError when the name is taken, StorageError when the disk does not take it. What a killed run left
    is removed by the next one.
    """
    target = new_folder(name)
    folder = encoders_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder)
        place = folder / f"{_NEW}{os.getpid()}-{name}"
        place.mkdir(mode=0o700)
        try:
            yield place
            if (place / DONE).exists():
                (place / DONE).rename(target)
        finally:
            shutil.rmtree(place, ignore_errors=True)
    except OSError as error:
        raise StorageError(
            f"Cannot write the encoder to {folder}: {error.strerror or error}.",
            hint="Make room, or mend the permissions; nothing was installed.",
        ) from error


def _sweep(folder: Path) -> None:
    for entry in os.scandir(folder):
        if entry.name.startswith(_NEW) and not _lives(entry.name.removeprefix(_NEW).partition("-")[0]):
            shutil.rmtree(entry.path, ignore_errors=True)


def _lives(pid: str) -> bool:
    return pid.isdecimal() and os.path.exists(f"/proc/{pid}")
