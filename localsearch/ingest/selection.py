"""Which patterns are in force in a folder, and what they say about its entries."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, replace

from localsearch.errors import QueryError
from localsearch.ingest import ignore
from localsearch.ingest.ignore import Patterns
from localsearch.ingest.policy import Reason
from localsearch.ingest.scope import Scope
from localsearch.ingest.source import reason_of
from localsearch.records import Skipped


@dataclass(frozen=True, slots=True)
class _Source:
    """Patterns that can leave something out, and what to say then."""

    patterns: Patterns
    start: int
    """Length of the path, relative to the root, of the folder that they stand in."""
    reason: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The patterns in force in one folder. A folder that an answer leaves out must not be entered."""

    place: str
    """The folder relative to the root, with a slash at its end; empty for the root itself."""
    included: bool
    """True when an `include` pattern names this folder or one above it, or when there are none."""
    include: Patterns
    exclude: _Source
    scope: Scope
    ignored: tuple[_Source, ...] = ()
    """One for each ignore file above, the strongest first."""

    @classmethod
    def of(cls, scope: Scope) -> Selection:
        """The start, at the root. Raises QueryError when a pattern cannot be used."""
        for pattern in (*scope.include, *scope.exclude):
            if not ignore.is_usable(pattern):
                raise QueryError(f"The pattern {pattern!r} names nothing.", hint="Try one like '*.pdf' or 'drafts/'.")
        exclude = _Source(Patterns(scope.exclude), 0, Reason.EXCLUDED)
        return cls("", not scope.include, Patterns(scope.include), exclude, scope)

    def reason(self, name: str, *, folder: bool) -> str:
        """Why the entry of this name is left out; empty when it is not. Excluding wins, then the nearest file."""
        path = self.place + name
        if self.scope.forgets(path.encode("utf-8", "surrogateescape")):
            return Reason.FORGOTTEN
        for source in (self.exclude, *self.ignored):
            verdict = source.patterns.verdict(path[source.start :], name, folder=folder)
            if verdict:
                return source.reason
            if verdict is False:
                break
        return "" if folder or self._includes(name, folder=False) else Reason.NOT_INCLUDED

    def below(self, name: str) -> Selection:
        """The same for a folder of this name in here."""
        return replace(self, place=f"{self.place}{name}/", included=self._includes(name, folder=True))

    def with_ignore_files(self, folder: bytes, names: Collection[bytes]) -> tuple[Selection, tuple[Skipped, ...]]:
        """The same after reading the ignore files among `names`, and those of them that were no use."""
        found: list[_Source] = []
        failed: list[Skipped] = []
        room = ignore.MOST_PATTERNS - sum(len(source.patterns) for source in self.ignored)
        for name in ignore.FILES:
            if name not in names:
                continue
            path = folder + b"/" + name
            try:
                patterns = ignore.read(path, room)
            except OSError as error:
                failed.append(Skipped(os.fsdecode(path), f"ignore file not used: {reason_of(error)}"))
            except ValueError as error:
                failed.append(Skipped(os.fsdecode(path), f"ignore file not used: {error}"))
            else:
                room -= len(patterns)
                found.append(_Source(patterns, len(self.place), f"ignored by {self.place}{name.decode()}"))
        return (replace(self, ignored=(*found, *self.ignored)) if found else self), tuple(failed)

    def _includes(self, name: str, *, folder: bool) -> bool:
        verdict = self.include.verdict(self.place + name, name, folder=folder)
        return self.included if verdict is None else verdict
