"""What is on disk against what the index knows: which files must be read, which are gone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from localsearch.errors import PathProblem, QueryError
from localsearch.ingest.discover import Scope, discover
from localsearch.records import Skipped, SourceFile
from localsearch.store.catalogue import KnownFile, is_below


@dataclass(frozen=True, slots=True)
class Walk:
    """What of a root a run looks at."""

    root: bytes
    scope: Scope
    part: bytes = b""
    """A path below the root when only that part is looked at; empty for all of it."""

    @property
    def place(self) -> bytes:
        return self.part or self.root


@dataclass(slots=True)
class Comparison:
    """What discovery saw, sorted by what has to be done."""

    todo: list[SourceFile] = field(default_factory=list)
    """New, of another size, time or parser version than stored, or not readable the last time."""
    unchanged: int = 0
    skipped: dict[bytes, Skipped] = field(default_factory=dict)
    """Paths that are there but are not read."""
    present: list[bytes] = field(default_factory=list)
    """Roots, and parts of roots, that were walked."""
    absent: list[bytes] = field(default_factory=list)
    """Roots that are not there now (an unplugged drive): nothing of them is forgotten."""
    refused: dict[bytes, str] = field(default_factory=dict)
    """Roots whose stored options cannot be used, and why: nothing of them is forgotten either."""
    gone: list[bytes] = field(default_factory=list)
    """Known files below present roots that are no longer there."""


def compare(
    walks: Iterable[Walk], known: Mapping[bytes, KnownFile], parser: str, others: Iterable[bytes] = ()
) -> Comparison:
    """Take all walks. Files below `others`, roots that are not walked now, are never taken for gone."""
    result = Comparison()
    seen: set[bytes] = set()
    for walk in walks:
        try:
            entries = discover(walk.root, walk.scope, within=walk.part)
        except PathProblem:
            result.absent.append(walk.root)
            continue
        except QueryError as error:
            result.refused[walk.root] = error.message
            continue
        result.present.append(walk.place)
        for entry in entries:
            _sort_in(entry, known, parser, seen, result)
    safe = [*result.absent, *result.refused, *others]
    result.gone = [path for path in known if path not in seen and _is_gone(path, result.present, safe, result.skipped)]
    return result


def _sort_in(
    entry: SourceFile | Skipped, known: Mapping[bytes, KnownFile], parser: str, seen: set[bytes], result: Comparison
) -> None:
    if isinstance(entry, Skipped):
        result.skipped[os.fsencode(entry.path)] = entry
        return
    if entry.path in seen:
        return
    seen.add(entry.path)
    stored = known.get(entry.path)
    same = stored and (stored.size, stored.mtime_ns, stored.parser) == (entry.size, entry.mtime_ns, parser)
    if stored and same and not stored.pending:
        result.unchanged += 1
    else:
        result.todo.append(entry)


def _is_gone(path: bytes, present: list[bytes], safe: list[bytes], skipped: Mapping[bytes, Skipped]) -> bool:
    """Below a root that was walked, below none that was not, and not in a folder that could not be read."""
    if not any(is_below(path, root) for root in present) or any(is_below(path, root) for root in safe):
        return False
    return not any(folder in skipped for folder in _itself_and_parents(path))


def _itself_and_parents(path: bytes) -> Iterable[bytes]:
    while path not in (b"", b"/"):
        yield path
        path = os.path.dirname(path)
