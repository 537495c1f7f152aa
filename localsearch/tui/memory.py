"""What the application remembers between two starts: queries that led somewhere, saved searches, the theme.

One JSON file in the user's data folder, readable by the user alone, written aside and renamed. A file that cannot be
read is no reason not to search: the application starts with nothing remembered.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

VERSION = 1
MOST_QUERIES = 200
LONGEST_QUERY = 4096


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search under a name."""

    name: str
    text: str
    mode: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """The content of the file."""

    history: tuple[str, ...] = ()
    """Queries, the latest first."""
    saved: tuple[SavedSearch, ...] = ()
    """In the order in which they were saved."""
    theme: str = ""


class Memory:
    """The file. Every change reads it again first, so that two applications at once lose nothing."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or default_file()
        self.now = self._read()

    def used(self, text: str) -> None:
        """Remember a query that led somewhere."""
        text = " ".join(text.split())[:LONGEST_QUERY]
        if text:
            self._change(lambda old: replace(old, history=_first(text, old.history)[:MOST_QUERIES]))

    def clear_history(self) -> None:
        self._change(lambda old: replace(old, history=()))

    def save(self, search: SavedSearch) -> None:
        """Keep a search; one of the same name is replaced."""
        self._change(lambda old: replace(old, saved=(*_others(old, search.name), search)))

    def forget(self, name: str) -> None:
        self._change(lambda old: replace(old, saved=_others(old, name)))

    def choose_theme(self, theme: str) -> None:
        self._change(lambda old: replace(old, theme=theme))

    def _change(self, change: Callable[[Remembered], Remembered]) -> None:
        self.now = change(self._read() if self.file.exists() else self.now)
        with contextlib.suppress(OSError):  # a full disk or a read-only home: remembered until the end
            _write(self.file, json.dumps({"version": VERSION, **asdict(self.now)}, ensure_ascii=True, indent=1))

    def _read(self) -> Remembered:
        try:
            return _understood(json.loads(self.file.read_bytes()))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return Remembered()


def default_file() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("localsearch")) / "tui.json"


def _understood(content: dict[str, Any]) -> Remembered:
    """Raises TypeError, KeyError or AttributeError for content of another shape."""
    return Remembered(
        history=tuple(str(text)[:LONGEST_QUERY] for text in content["history"])[:MOST_QUERIES],
        saved=tuple(SavedSearch(str(one["name"]), str(one["text"]), str(one["mode"])) for one in content["saved"]),
        theme=str(content["theme"]),
    )


def _first(text: str, history: tuple[str, ...]) -> tuple[str, ...]:
    return (text, *(one for one in history if one != text))


def _others(old: Remembered, name: str) -> tuple[SavedSearch, ...]:
    return tuple(one for one in old.saved if one.name != name)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(dir=file.parent, prefix=".tui-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(aside, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(aside)
        raise
