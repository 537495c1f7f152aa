"""What is on disk against what the index knows: which files must be read, which are gone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from localsearch.errors import PathProblem
from localsearch.ingest.discover import Scope, discover
from localsearch.records import Skipped, SourceFile
from localsearch.store.catalogue import KnownFile, is_below


@dataclass(slots=True)
class Comparison:
    """What discovery saw, sorted by what has to be done."""

    todo: list[SourceFile] = field(default_factory=list)
    """New, or of another size, time or parser version than stored."""
    unchanged: int = 0
    skipped: dict[bytes, str] = field(default_factory=dict)
    """Paths that are there but are not read, and why."""
    absent: list[bytes] = field(default_factory=list)
    """Roots that are not there now (an unplugged drive): nothing of them is forgotten."""
    gone: list[bytes] = field(default_factory=list)
    """Known files below present roots that are no longer there."""


def compare(
    roots: Iterable[tuple[bytes, Scope]], known: Mapping[bytes, KnownFile], parser: str, others: Iterable[bytes] = ()
) -> Comparison:
    """Walk `roots`. Files below `others`, roots that are not walked now, are never taken for gone."""
    result = Comparison()
    seen: set[bytes] = set()
    present: list[bytes] = []
    for root, scope in roots:
        try:
            entries = discover(root, scope)
        except PathProblem:
            result.absent.append(root)
            continue
        present.append(root)
        for entry in entries:
            _sort_in(entry, known, parser, seen, result)
    safe = [*result.absent, *others]
    result.gone = [path for path in known if path not in seen and _is_gone(path, present, safe, result.skipped)]
    return result


def _sort_in(
    entry: SourceFile | Skipped, known: Mapping[bytes, KnownFile], parser: str, seen: set[bytes], result: Comparison
) -> None:
    if isinstance(entry, Skipped):
        result.skipped[os.fsencode(entry.path)] = entry.reason
        return
    if entry.path in seen:
        return
    seen.add(entry.path)
    stored = known.get(entry.path)
    if stored and (stored.size, stored.mtime_ns, stored.parser) == (entry.size, entry.mtime_ns, parser):
        result.unchanged += 1
    else:
        result.todo.append(entry)


def _is_gone(path: bytes, present: list[bytes], safe: list[bytes], skipped: Mapping[bytes, str]) -> bool:
    """Below a root that was walked, below none that was not, and not in a folder that could not be read."""
    if not any(is_below(path, root) for root in present) or any(is_below(path, root) for root in safe):
        return False
    return not any(folder in skipped for folder in _itself_and_parents(path))


def _itself_and_parents(path: bytes) -> Iterable[bytes]:
    while path not in (b"", b"/"):
        yield path
        path = os.path.dirname(path)
