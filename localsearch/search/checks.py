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
        if content_key(self._fingerprint, passage.context, passage.text) != passage.key:
            self.damaged += 1
            return False
        if passage.path not in self._files:
            self._files[passage.path] = _state(passage.path)
        state = self._files[passage.path]
        self.missing += state == "missing"
        self.unreadable += state == "unreadable"
        return state == "readable"


def _state(path: bytes) -> str:
    if os.access(path, os.R_OK):
        return "readable"
    return "unreadable" if os.path.lexists(path) else "missing"
