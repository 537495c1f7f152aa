"""May this stored passage be shown now? Its file may be gone or closed to us, its text damaged on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from localsearch.store.keys import content_key

if TYPE_CHECKING:
    from localsearch.store.snapshot import StoredPassage

READABLE = "readable"


class Checks:
    """Whether passages may be shown, and how many could not be: of one search, however far it looks."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        self._files: dict[bytes, str] = {}
        self._held_back: dict[str, set[int]] = {"missing": set(), "unreadable": set(), "damaged": set()}
        self._closed: set[bytes] = set()

    @property
    def missing(self) -> int:
        """Passages of files that are gone."""
        return len(self._held_back["missing"])

    @property
    def unreadable(self) -> int:
        return len(self._held_back["unreadable"])

    @property
    def damaged(self) -> int:
        return len(self._held_back["damaged"])

    @property
    def closed(self) -> frozenset[bytes]:
        """Files and folders seen so far that are gone or closed to us: nothing at or below them can be shown."""
        return frozenset(self._closed)

    def passes(self, passage: StoredPassage) -> bool:
        """Both of what follows."""
        return self.is_intact(passage) and self.is_there(passage.id, passage.path)

    def is_intact(self, passage: StoredPassage) -> bool:
        """Whether the stored rows are as they were written, and the text the one that was encoded."""
        intact = passage.intact and content_key(self._fingerprint, passage.context, passage.text) == passage.key
        if not intact:
            self._held_back["damaged"].add(passage.id)
        return intact

    def add_damaged(self, passages: Iterable[int]) -> None:
        """Count passages, by id, that were found damaged elsewhere."""
        self._held_back["damaged"].update(passages)

    def is_there(self, passage: int, path: bytes | None) -> bool:
        """Whether the file of a passage is there and may be read; None: the index has lost its path."""
        state = "damaged" if path is None else self._state(path)
        if state != READABLE:
            self._held_back[state].add(passage)
        return state == READABLE

    def _state(self, path: bytes) -> str:
        if path not in self._files:
            self._files[path] = _state(path)
            if self._files[path] != READABLE:
                self._closed.add(_closed_at(path))
        return self._files[path]


def _state(path: bytes) -> str:
    if os.access(path, os.R_OK):
        return READABLE
    return "unreadable" if os.path.lexists(path) else "missing"


def _closed_at(path: bytes) -> bytes:
    """The file that cannot be read, or the highest folder above it that is gone or cannot be entered."""
    while (folder := os.path.dirname(path)) != path and not os.access(folder, os.X_OK):
        path = folder
    return path
