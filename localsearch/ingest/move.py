"""Renaming an indexed folder that was moved on the disk: nothing is read, and only names that changed are encoded."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from localsearch.errors import PathProblem
from localsearch.naming import spoken_name
from localsearch.paths import shown
from localsearch.store import catalogue
from localsearch.store.keys import name_key
from localsearch.store.writer import NAMED, Writer

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix


def move(
    writer: Writer, old: bytes, new: bytes, fingerprint: str, encode: Callable[[Sequence[str]], Float32Matrix]
) -> int:
    """Let the root `old` and all files below it stand at `new`; how many files. Raises PathProblem."""
    roots = [root for root, _ in catalogue.read_roots(writer.connection)]
    _check(roots, old, new)
    files = catalogue.paths_below(writer.connection, old)
    places = {path: new + path[len(old) :] for path in files}
    if set(places.values()) & set(catalogue.paths_below(writer.connection, new)):
        raise PathProblem(f"The index knows files below {os.fsdecode(new)} already.", hint="Forget one of the two.")
    known = {spoken_name(*row) for row in writer.connection.execute(NAMED)}
    writer.move_root(old, new, {path: (place, shown(place)) for path, place in places.items()})
    names = {spoken_name(*row) for row in writer.connection.execute(NAMED)} - known - {""}
    keys = {name_key(fingerprint, name): name for name in names}
    missing = writer.missing(keys)
    if missing:
        writer.add_vectors(list(missing), encode([keys[key] for key in missing]))
    writer.drop_unused_vectors()
    writer.checkpoint()
    return len(files)


def _check(roots: Sequence[bytes], old: bytes, new: bytes) -> None:
    if old not in roots:
        raise PathProblem(f"{os.fsdecode(old)} is not an indexed folder.", hint="`localsearch roots` lists them.")
    for root in roots:
        if root != old and (catalogue.is_below(new, root) or catalogue.is_below(root, new)):
            raise PathProblem(
                f"{os.fsdecode(new)} and the indexed folder {os.fsdecode(root)} overlap.",
                hint="Forget one of the two, then index the other.",
            )
