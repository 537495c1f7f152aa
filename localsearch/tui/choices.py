"""What the lists offer: filters, history, saved searches, folders to read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.names import count
from localsearch.records import Status
from localsearch.tui import filters
from localsearch.tui.memory import Memory, SavedSearch
from localsearch.tui.places import short
from localsearch.tui.screens.picker import Choice, Question, narrowed

if TYPE_CHECKING:
    from localsearch.tui.messages import Found

YEARS = 6
MOST_FOLDERS = 200


def filter_question(status: Status | None, found: Found | None, text: str) -> Question:
    """Filters that stand in the query (to take them away), types, folders, dates. Values: pairs of name and value."""
    choices = [
        Choice(f"{chip.name}: {chip.value}", ((chip.name, chip.value),), "✕ remove from the query")
        for chip in filters.chips(text)
    ]
    active = {(chip.name, chip.value) for chip in filters.chips(text)}
    for kind, number in status.types if status else ():
        if kind and ("type", kind) not in active:
            choices.append(Choice(f"type {kind}", (("type", kind),), count(number, "file")))
    choices += [one for one in _folders(status, found) if one.value not in [(pair,) for pair in active]]
    choices += _dates(datetime.now(UTC).date())
    return Question("Narrow to", narrowed(choices), "Type to narrow, or a date like 2024-03")


def _folders(status: Status | None, found: Found | None) -> list[Choice]:
    """Folders of the hits, by number of hits, then the indexed folders with what lies directly in them."""
    hits = Counter(str(hit.path.parent) for hit in found.hits) if found else Counter[str]()
    choices = [_folder(path, count(number, "hit")) for path, number in hits.most_common(MOST_FOLDERS)]
    for root in status.roots if status else ():
        below = sorted(_subfolders(root.path))[:MOST_FOLDERS]
        choices += [_folder(path, "indexed") for path in (root.path, *below) if path not in hits]
    return choices


def _folder(path: str, detail: str) -> Choice:
    return Choice(f"folder {short(path)}", (("path", filters.glob_of(path)),), detail)


def _subfolders(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            return [one.path for one in entries if one.is_dir(follow_symlinks=False) and not one.name.startswith(".")]
    except OSError:
        return []


def _dates(today: date) -> list[Choice]:
    month = f"{today.year - (today.month == 1)}-{(today.month - 2) % 12 + 1:02d}"
    choices = [
        Choice(f"since last month ({month})", (("after", month),)),
        Choice(f"since the last year began ({today.year - 1})", (("after", str(today.year - 1)),)),
    ]
    choices += [
        Choice(f"from {year} alone", (("after", str(year)), ("before", str(year + 1))))
        for year in range(today.year, today.year - YEARS, -1)
    ]
    choices.append(Choice(f"before {today.year - YEARS + 1}", (("before", str(today.year - YEARS + 1)),)))
    return choices


def history_question(memory: Memory) -> Question:
    """Values: texts."""

    def choices(typed: str) -> Sequence[Choice]:
        return narrowed([Choice(text, text) for text in memory.now.history])(typed)

    return Question(
        "Queries used before", choices, nothing="No query led anywhere yet: Enter on a result remembers it."
    )


def saved_question(memory: Memory, text: str) -> Question:
    """Values: a SavedSearch to use, or the name under which to save the search that stands there."""

    def choices(typed: str) -> Sequence[Choice]:
        saved = [Choice(one.name, one, f"{one.text}  ({one.mode})") for one in memory.now.saved]
        matching = list(narrowed(saved)(typed))
        name = " ".join(typed.split()) or " ".join(text.split())
        if text.strip() and name not in {one.name for one in memory.now.saved}:
            matching.append(Choice(f"+ save “{text.strip()}” as “{name}”", name))
        return matching

    def remove(choice: Choice) -> None:
        if isinstance(choice.value, SavedSearch):
            memory.forget(choice.value.name)

    return Question(
        "Saved searches",
        choices,
        "Type a name",
        "Nothing is saved yet: type a query first, then come here and name it.",
        remove=remove,
    )


def folder_question(start: Path) -> Question:
    """Which folder to read. Values: paths."""

    def choices(typed: str) -> Sequence[Choice]:
        return _places(typed, start)

    def completed(choice: Choice) -> str | None:
        return f"{choice.value}{os.sep}" if isinstance(choice.value, Path) else None

    return Question(
        "Which folder shall be read?",
        choices,
        "A path; Tab completes",
        "There is no such folder.",
        completes=completed,
    )


def _places(typed: str, start: Path) -> list[Choice]:
    """The folder that was typed, and those whose path begins so; usual places when nothing was."""
    if not typed.strip():
        home = Path.home()
        usual = [home / name for name in ("Documents", "Dokumente", "Desktop", "Downloads")]
        places = [(start, "the current folder"), *((path, "") for path in usual if path.is_dir()), (home, "your home")]
        return [Choice(str(path), path, detail) for path, detail in places if path.is_dir()]
    path = Path(os.path.abspath(os.path.expanduser(typed)))
    choices = [Choice(str(path), path, "read this folder")] if path.is_dir() else []
    parent, prefix = (path, "") if typed.endswith(os.sep) else (path.parent, path.name)
    names = sorted(_subfolders(str(parent)))
    choices += [
        Choice(name, Path(name))
        for name in names
        if os.path.basename(name).casefold().startswith(prefix.casefold()) and Path(name) != path
    ]
    return choices[:MOST_FOLDERS]
