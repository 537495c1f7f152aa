"""Disk space kept for deleting: SQLite needs room to delete, and a full disk must not keep what is to be forgotten.

A file of zeros that is removed when the disk is full and made again when there is room. Its size is that of the
database, at most `MOST`: no transaction writes a page to the log twice, so a small index can be deleted in one step,
and a large one in many.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

RESERVE = "reserve"
MOST = 4 << 20
LEAST = 128 << 10
"""SQLite's shared memory takes 32 KiB, a log of few pages the rest."""


def keep(folder: Path, database: Path) -> None:
    """Put space aside, as far as there is some; for the holder of the writer's lock."""
    path = folder / RESERVE
    with contextlib.suppress(OSError):
        wanted = min(MOST, database.stat().st_size + LEAST)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            if os.fstat(descriptor).st_size < wanted:
                os.posix_fallocate(descriptor, 0, wanted)
        except OSError:
            path.unlink(missing_ok=True)  # what is left of the disk is of more use free
        finally:
            os.close(descriptor)


def release(folder: Path) -> bool:
    """Give the space back; False when there was none."""
    try:
        (folder / RESERVE).unlink()
    except OSError:
        return False
    return True


def is_nearly_full(folder: Path) -> bool:
    """Whether less is free on the disk than deleting may need."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize < MOST
