"""Which processes read an index at this moment, as the kernel knows it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from localsearch.store.sqlite import DATABASE

_FIRST_READ_LOCK = 123
"""SQLite's readers lock one of the bytes 123 to 127 of its shared memory (sqlite.org/walformat.html)."""


def reading_processes(folder: Path) -> tuple[int, ...]:
    """Process ids that are inside a snapshot of the index, sorted; empty when the kernel does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        found = os.stat(folder / f"{DATABASE}-shm")
        file = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
        fields = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
        return tuple(
            sorted(
                {
                    int(line[4])
                    for line in fields
                    if line[1] != "->" and line[5] == file and line[7] != "EOF" and int(line[7]) >= _FIRST_READ_LOCK
                }
            )
        )
    return ()
