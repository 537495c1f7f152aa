"""Which `localsearch` is this, and which one does the shell find? GNOME installs a program of the same name."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

OURS = b"localsearch.cli.main"
"""Stands in the start-up script that pip writes for this program."""


def this_program() -> str:
    """The package's folder and the interpreter that runs it."""
    return f"{Path(__file__).parents[1]} ({sys.executable})"


def first_on_path() -> tuple[str, bool]:
    """The `localsearch` that the shell would start, empty when there is none, and whether it is this program."""
    found = shutil.which("localsearch")
    if found is None:
        return "", True
    try:
        with open(found, "rb") as file:
            return found, OURS in file.read(4096)
    except OSError:
        return found, False
