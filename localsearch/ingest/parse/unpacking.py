"""A private folder where a worker may unpack its PDF library while it starts.

kreuzberg carries pdfium inside itself, unpacks it to `$TMPDIR/kreuzberg-pdfium` and takes whatever it finds there for
it. In a folder that everybody may write to, that could be anybody's program. So a worker gets a folder that nobody else
may enter. The parent makes it and deletes it as soon as the library is in memory; the worker goes on naming it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

_PREFIX = "localsearch-parser-"
_LEFT_OVER = 600
"""Seconds; a worker takes one to start, and many on a machine that is busy."""
_ROOM = 32 * 1024 * 1024
"""Bytes; the library takes 8 MB."""


def make() -> str:
    """A new folder, or where nobody can put a file: then every PDF says that its library is missing."""
    place = _folder_for_programs()
    _remove_leftovers(place)
    try:
        return tempfile.mkdtemp(prefix=_PREFIX, dir=place)
    except OSError:
        return f"{os.devnull}/none"


def remove(folder: str) -> None:
    """Delete what `make` made."""
    shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers(place: Path) -> None:
    """Delete the folders of runs that were killed while a worker loaded the library."""
    now = time.time()
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and now - status.st_mtime > _LEFT_OVER:
                shutil.rmtree(folder, ignore_errors=True)


def _folder_for_programs() -> Path:
    """A temporary folder that has room and that programs may be loaded from; the usual one when there is no better."""
    for folder in (Path(tempfile.gettempdir()), Path("/var") / "tmp", Path("/dev") / "shm"):
        with contextlib.suppress(OSError):
            system = os.statvfs(folder)
            room = system.f_bavail * system.f_frsize >= _ROOM
            if room and not system.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK | os.X_OK):
                return folder
    return Path(tempfile.gettempdir())
