"""What of a folder is read: the options typed, and what the index remembers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localsearch.ingest.discover import Scope


@dataclass(frozen=True, slots=True)
class TypedScope:
    """The options of `index` that choose files, as typed. False when none was."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    hidden: bool
    no_ignore: bool
    max_file_mb: int | None

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude or self.hidden or self.no_ignore or self.max_file_mb is not None)

    def scope(self, max_file_mb: int) -> Scope:
        """The whole scope; `max_file_mb` is the setting in force."""
        from localsearch.ingest.discover import Scope

        return Scope(
            include=self.include,
            exclude=self.exclude,
            hidden=self.hidden,
            ignore_files=not self.no_ignore,
            max_bytes=max_file_mb * 1024 * 1024,
        )


def known_scopes(folder: Path) -> dict[bytes, Scope]:
    """The roots that an index remembers, with what of them is read; empty when there is no index.

    Raises IndexMismatch, IndexDamaged, StorageError.
    """
    from localsearch.ingest.discover import Scope
    from localsearch.paths import is_index
    from localsearch.store.catalogue import read_roots
    from localsearch.store.snapshot import Reader

    if not is_index(folder):
        return {}
    reader = Reader(folder)
    try:
        with reader.snapshot() as connection:
            return {path: Scope.from_json(options) for path, options in read_roots(connection)}
    finally:
        reader.close()
