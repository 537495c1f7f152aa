"""One writer at a time. The kernel releases the lock when the process ends, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from localsearch.errors import IndexBusy

LOCK = "writer.lock"


_TRIES = 5
_PAUSE = 0.02
"""Seconds. Who looks whether the lock is taken holds it for a moment."""


def holder(folder: Path) -> int | None:
    """The process that holds the writer's lock; None when nobody does, 0 when it has not written its number yet."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None  # there was no writer yet, or we may not look
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        number = os.pread(descriptor, 20, 0).strip()
        return int(number) if number.isdigit() else 0
    finally:
        os.close(descriptor)
    return None


class WriterLock:
    """`flock` on `writer.lock`, held from `__enter__` to `__exit__`. Raises IndexBusy when it is taken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor = -1

    def __enter__(self) -> WriterLock:
        path = self._folder / LOCK
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            self._take()
        except BlockingIOError:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace").strip()
            self._close()
            raise IndexBusy(
                f"The index at {self._folder} is being written by process {holder or '(starting)'}.",
                hint="Wait until it is done, then run the command again; searching works meanwhile.",
            ) from None
        except BaseException:
            self._close()
            raise
        self._name_holder()
        return self

    def _take(self) -> None:
        for _ in range(_TRIES):
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(_PAUSE)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _name_holder(self) -> None:
        """The pid is for people to read; a full disk must not stop the one who holds the lock."""
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        os.close(self._descriptor)
        self._descriptor = -1
