"""Paths as the screens show them.

The current folder is asked for once: the system call lets go of the interpreter, and while other threads compute,
getting it back costs the user interface milliseconds for every path.
"""

from __future__ import annotations

import os
from functools import cache, lru_cache
from pathlib import Path

from localsearch.display import display


@cache
def here() -> str:
    """The folder in which the program was started."""
    try:
        return os.getcwd()
    except OSError:  # it is gone
        return "/"


@lru_cache(maxsize=4096)
def short(path: str | Path) -> str:
    """The path as seen from the folder of the start when that is shorter, safe to show."""
    absolute = str(path)
    return display(min(absolute, os.path.relpath(absolute, here()), key=len))


def forget() -> None:
    """Ask again: another application is started in this process."""
    here.cache_clear()
    short.cache_clear()
