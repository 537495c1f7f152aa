"""Which roots an index remembers when folders are added that lie in one another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from localsearch.errors import PathProblem, QueryError
from localsearch.ingest.compare import Walk
from localsearch.ingest.discover import discover
from localsearch.ingest.scope import Scope
from localsearch.store.catalogue import is_below


@dataclass(slots=True)
class Addition:
    """What adding paths means for an index."""

    walks: list[Walk] = field(default_factory=list)
    """What is to be looked at now."""
    roots: dict[bytes, Scope] = field(default_factory=dict)
    """Roots to be remembered, with what of them is read."""
    merged: list[bytes] = field(default_factory=list)
    """Roots that are part of one of those from now on."""
    notes: list[str] = field(default_factory=list)
    """What the user is to know of this, one sentence each without its full stop."""


def add_roots(wanted: Iterable[bytes], scope: Scope | None, known: Mapping[bytes, Scope]) -> Addition:
    """Decide about absolute paths, each of which is there. `scope`: as typed, None when nothing was.

    A path that a known root reaches is no root of its own: that part of the root is brought up to date. A known root
    that a new one reaches with the same options is merged into it. What options or rules leave out of the outer folder
    stays a root beside it. What was forgotten of a root inside a new one is left out of the new one, too. Raises
    PathProblem for what cannot be indexed, QueryError for options that cannot be used; nothing has been changed then.
    """
    addition = Addition()
    for path in sorted(set(wanted), key=len):
        outer = _outer(path, {**known, **addition.roots}) if path not in known else b""
        if outer:
            _add_part(addition, path, outer, {**known, **addition.roots}[outer], scope)
        else:
            _add_root(addition, path, scope, known)
    return addition


def leaving_out_forgotten(path: bytes, scope: Scope, known: Mapping[bytes, Scope]) -> Scope:
    """The scope of a root at `path`, without what was forgotten of the known roots that lie in it."""
    for inner, its_scope in _inside(path, known).items():
        scope = scope.keeping_forgotten_in(os.path.relpath(inner, path), its_scope)
    return scope


def _inside(path: bytes, known: Mapping[bytes, Scope]) -> dict[bytes, Scope]:
    return {inner: scope for inner, scope in known.items() if inner != path and is_below(inner, path)}


def _add_part(addition: Addition, path: bytes, outer: bytes, its_scope: Scope, scope: Scope | None) -> None:
    if outer in addition.roots:
        return  # it is looked at as a whole
    if scope is not None and _rules(scope) not in (_rules(its_scope), _rules(Scope())):
        raise QueryError(
            f"{os.fsdecode(path)} lies in {os.fsdecode(outer)}, which is indexed: its options hold there.",
            hint="Give the options for that folder.",
        )
    addition.walks.append(Walk(outer, its_scope, path))
    addition.notes.append(f"{os.fsdecode(path)} lies in {os.fsdecode(outer)}: that part of it was brought up to date")


def _add_root(addition: Addition, path: bytes, scope: Scope | None, known: Mapping[bytes, Scope]) -> None:
    chosen = (scope or known[path]).keeping_forgotten(known[path]) if path in known else scope or Scope()
    chosen = leaving_out_forgotten(path, chosen, known)
    discover(path, chosen)  # raises what would go wrong
    addition.roots[path] = chosen
    addition.walks.append(Walk(path, chosen))
    for inner, its_scope in _inside(path, known).items():
        if its_scope.typed == chosen.typed and _reaches(path, chosen, inner):
            addition.merged.append(inner)
            addition.notes.append(f"{os.fsdecode(inner)} is part of {os.fsdecode(path)} from now on")


def _outer(path: bytes, roots: Mapping[bytes, Scope]) -> bytes:
    """The root that reaches a path in it; empty when there is none."""
    inside = (root for root in roots if root != path and is_below(path, root))
    return next((root for root in inside if _reaches(root, roots[root], path)), b"")


def _reaches(root: bytes, scope: Scope, path: bytes) -> bool:
    """Whether a walk over the root comes to something at this path or below it."""
    try:
        found = discover(root, scope, within=path)
        return any(is_below(os.fsencode(one.path), path) for one in found)
    except (PathProblem, QueryError):
        return False


def _rules(scope: Scope) -> Scope:
    """What of a scope a user types to choose files."""
    return replace(scope.typed, max_bytes=0)
