"""May this stored passage be shown now? Its file may be gone or closed to us, its text damaged on the disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from localsearch.store.keys import content_key

if TYPE_CHECKING:
    from localsearch.store.snapshot import StoredPassage


class Checks:
    """Whether passages may be shown, and how many could not be."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        self._files: dict[bytes, str] = {}
        self.missing = self.unreadable = self.damaged = 0

    def passes(self, passage: StoredPassage) -> bool:
        """Both of what follows."""
        return self.is_intact(passage) and self.is_there(passage.path)

    def is_intact(self, passage: StoredPassage) -> bool:
        """Whether the stored rows are as they were written, and the text the one that was encoded."""
        intact = passage.intact and content_key(self._fingerprint, passage.context, passage.text) == passage.key
        self.damaged += not intact
        return intact

    def is_there(self, path: bytes | None) -> bool:
        """Whether the file of one more passage is there and may be read; None: the index has lost its path."""
        if path is None:
            self.damaged += 1
            return False
        if path not in self._files:
            self._files[path] = _state(path)
        state = self._files[path]
        self.missing += state == "missing"
        self.unreadable += state == "unreadable"
        return state == "readable"


def _state(path: bytes) -> str:
    if os.access(path, os.R_OK):
        return "readable"
    return "unreadable" if os.path.lexists(path) else "missing"
