"""Trainings that are not finished: where each lies, and which of them may hold the text of a file.

A training keeps the text that it learns from. Each has a folder of its own in the user's data folder, which nobody
else can read; it is gone when the encoder is made, or by `discard`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from localsearch.errors import EncoderError, IndexBusy
from localsearch.paths import encoders_folder, trainings_folder

REQUEST = "request.json"
"""In a training's folder: what was asked for. `out` and `texts` are read here."""


@dataclass(frozen=True, slots=True)
class Training:
    """One that is not finished, and holds text."""

    name: str
    """As `model discard` takes it: the encoder's name, or the path of its folder."""
    folder: Path
    bytes: int
    begun: int
    """Seconds since the epoch, UTC."""
    texts: tuple[str, ...] | None
    """Files, folders and indexes that it learns from, absolute; None when it does not say, so that it may be any."""

    def may_hold(self, path: Path) -> bool:
        """Whether text of `path`, a file, a folder or an index, may be in it."""
        asked = os.path.realpath(path)
        return self.texts is None or any(_is_below(asked, text) or _is_below(text, asked) for text in self.texts)


def training_folder(out: Path) -> Path:
    """Where the training of the encoder folder `out` lies. What is trained in a training lies in that one's folder."""
    if out.is_relative_to(trainings_folder()):
        return out.with_name(f".{out.name}.training")
    if out.parent == encoders_folder():
        return trainings_folder() / out.name
    return trainings_folder() / f"{out.name}-{hashlib.blake2b(os.fsencode(out), digest_size=6).hexdigest()}"


def unfinished() -> list[Training]:
    """All there are, by name."""
    try:
        folders = [Path(entry.path) for entry in os.scandir(trainings_folder()) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted((_read(folder) for folder in folders), key=lambda training: training.name)


def discard(name: str) -> Training:
    """Remove the training of this name with its text. Raises EncoderError when there is none, IndexBusy."""
    found = next((training for training in unfinished() if name in (training.name, training.folder.name)), None)
    if found is None and "/" in name:
        folder = training_folder(Path(name).expanduser().absolute())
        found = next((training for training in unfinished() if training.folder == folder), None)
    if found is None:
        raise EncoderError(f"There is no training {name!r}.", hint="`localsearch status` lists those there are.")
    with locked(found.folder):
        shutil.rmtree(found.folder)
    return found


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else trains in `folder` or discards it meanwhile. Raises IndexBusy."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise IndexBusy(f"Another process is training in {folder}.", hint="Wait for it, or stop it.") from None
        yield
    finally:
        os.close(descriptor)


def _read(folder: Path) -> Training:
    out, texts = "", None
    try:
        told = json.loads((folder / REQUEST).read_text("utf-8"))
        out, texts = str(told["out"]), tuple(map(str, told["texts"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        pass
    own = not out or Path(out).parent == encoders_folder()
    return Training(folder.name if own else out, folder, _bytes(folder), int(folder.stat().st_mtime), texts)


def _bytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
