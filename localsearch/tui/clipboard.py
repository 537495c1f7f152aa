"""Copying a passage with where it stands: through the terminal, and through a program where one is there."""

from __future__ import annotations

import os
import shutil
import subprocess

from localsearch.display import display
from localsearch.names import page_name
from localsearch.records import Hit

PATIENCE = 2.0
"""Seconds that a program may take for the text."""
_PROGRAMS = (
    ("WAYLAND_DISPLAY", ["wl-copy"]),
    ("DISPLAY", ["xclip", "-selection", "clipboard"]),
    ("DISPLAY", ["xsel", "--clipboard", "--input"]),
)


def citation(hit: Hit, page: int | None, heading: str) -> str:
    """`contracts/lease.pdf, p. 3, Notice`: file, place inside it, page and heading, safe to show."""
    parts = [display(str(hit.path))]
    if hit.member:
        parts.append(display(hit.member))
    if page is not None:
        parts.append(page_name(hit.path, hit.member, page))
    if heading:
        parts.append(display(" ".join(heading.split())))
    return ", ".join(parts)


def quoted(hit: Hit, text: str, page: int | None, heading: str) -> str:
    """A passage with its citation. Control characters are shown, not copied: the text may be pasted into a shell."""
    return f"{display(text, multiline=True).strip()}\n\n[{citation(hit, page, heading)}]\n"


def copy_with_program(text: str) -> bool:
    """Hand the text to the desktop's clipboard; False when there is no program for that."""
    for variable, command in _PROGRAMS:
        if os.environ.get(variable) and shutil.which(command[0]):
            try:
                done = subprocess.run(
                    command,
                    input=text.encode(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    check=False,
                    timeout=PATIENCE,
                )
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0:
                return True
    return False
