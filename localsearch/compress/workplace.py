"""Where an encoder is made that learns from text: private, whole files only, and gone when it is done with.

The text in word pieces, checkpoints and candidates lie there. Whatever the umask of the user, folders are 0700 and
files 0600. The folder outlives an interruption only when it holds a checkpoint to go on from.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from localsearch.errors import EncoderError, LocalSearchError, PathProblem, StorageError
from localsearch.trainings import REQUEST, locked, training_folder

CHECKPOINT = "checkpoint.pt"
PRIVATE = 0o077
"""The umask of everything made here."""

Kept = TypeVar("Kept")


@contextmanager
def workplace(out: Path, told: Mapping[str, Any], texts: Sequence[Path], *, keep: bool = False) -> Iterator[Path]:
    """The folder in which the encoder folder `out` is made, as an earlier run with the same request has left it.

    `told`: all that decides what comes out, for JSON. `texts`: what it learns from, named to `status` and `forget`.
    `keep`: leave a checkpoint that is there, even when nothing fails. Raises PathProblem when `out` exists,
    EncoderError when the folder holds a training of another request, IndexBusy, StorageError.
    """
    if out.exists():
        raise PathProblem(f"{out} exists already.", hint="Choose another --out, or move it away.")
    folder, done = training_folder(out), False
    with storing(out), _private():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        with locked(folder):
            try:
                _open(folder, out, {"out": str(out), "texts": [os.path.realpath(path) for path in texts], **told})
                yield folder
                done = not keep
            finally:
                if done or not (folder / CHECKPOINT).exists():
                    shutil.rmtree(folder, ignore_errors=True)


def _open(folder: Path, out: Path, told: Mapping[str, Any]) -> None:
    text, path = json.dumps(told, indent=2) + "\n", folder / REQUEST
    if (folder / CHECKPOINT).exists():
        if not path.exists() or path.read_text("utf-8") != text:
            raise EncoderError(
                f"{folder} holds a training with other options.",
                hint=f"Repeat its options to go on with it, or remove it: localsearch model discard {_name(out)}.",
            )
        return
    for left in folder.iterdir():  # by a run that was killed before it had a checkpoint
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    with written(path) as file:
        file.write(text.encode())


def _name(out: Path) -> str:
    from localsearch.paths import encoders_folder

    return out.name if out.parent == encoders_folder() else str(out)


@contextmanager
def _private() -> Iterator[None]:
    before = os.umask(PRIVATE)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def storing(out: Path) -> Iterator[None]:
    """The system's refusals in one line. Raises StorageError, or EncoderError for what was there and is no more."""
    try:
        yield
    except FileNotFoundError as error:
        raise EncoderError(
            f"{error.filename} is not there any more.",
            hint="Put it back and repeat the command; nothing was installed.",
        ) from error
    except OSError as error:
        raise StorageError(
            f"Cannot write the encoder to {out.parent}: {error.strerror or error}.",
            hint="Make room, or mend the permissions; nothing was installed.",
        ) from error


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that becomes `path` when it is whole; until then the old one stays."""
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def read_kept(path: Path, read: Callable[[Path], Kept]) -> Kept:
    """What `read` makes of a file that an earlier run has written. Raises EncoderError when it is damaged."""
    try:
        return read(path)
    except LocalSearchError:
        raise
    except Exception as error:  # of numpy, torch, pickle, zipfile and json, each its own
        raise EncoderError(
            f"{path} is damaged: {str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__}.",
            hint=f"Remove the training and begin anew: localsearch model discard {path.parent.name}.",
        ) from None


def put(made: Path, out: Path) -> None:
    """Move the finished folder `made` to `out`, whole or not at all, also to another disk. Raises OSError."""
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.rename(out)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = out.with_name(f".{out.name}.new-{os.getpid()}")
        try:
            shutil.copytree(made, beside)
            beside.rename(out)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
