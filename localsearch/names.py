"""How paths, places inside files, numbers and times are written for people."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path, PurePath, PurePosixPath

from localsearch.display import display
from localsearch.records import Hit

_SLIDES = {".pptx", ".ppt", ".odp", ".pps", ".ppsx"}
_SHEETS = {".xlsx", ".xls", ".ods", ".xlsm", ".xlsb"}


def short(path: str | Path) -> str:
    """The path as seen from the current folder when that is shorter, safe to show."""
    absolute = str(path)
    try:
        relative = os.path.relpath(absolute)
    except (OSError, ValueError):  # the current folder is gone
        relative = absolute
    return display(min(absolute, relative, key=len))


def place(hit: Hit) -> str:
    """File, member and page of a hit: `mail.mbox: message 12`, `report.pdf, p. 3`, `prices.xlsx, sheet 2`."""
    name = short(hit.path)
    if hit.member:
        name = f"{name}: {display(hit.member)}"
    page = page_name(hit.path, hit.member, hit.page)
    return f"{name}, {page}" if page else name


def page_name(path: Path, member: str, page: int | None) -> str:
    """`p. 3`, `slide 3` or `sheet 3`; empty where the format has no pages."""
    return "" if page is None else f"{page_word(member or path)} {page}"


def page_word(file: str | PurePath) -> str:
    """What a file's pages are called, before a number: `p.`, `slide`, `sheet`."""
    suffix = PurePosixPath(file).suffix.lower()
    return "slide" if suffix in _SLIDES else "sheet" if suffix in _SHEETS else "p."


def count(number: int, noun: str) -> str:
    """`1 file`, `1,140 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """Bytes in the unit that leaves one to three digits before the point."""
    value = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def moment(seconds: int) -> str:
    """A time in seconds since the epoch as local date and time."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
