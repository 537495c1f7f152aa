"""Forgetting: no byte of a file's text, words or vectors stays in the index folder."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from localsearch.errors import PathProblem
from localsearch.ingest.discover import Scope
from localsearch.store import cache, catalogue
from localsearch.store.writer import Writer


def forget(writer: Writer, path: bytes, dim: int) -> int:
    """Forget a file or a folder with all below it; the number of files. Raises PathProblem when it is not known."""
    roots = catalogue.read_roots(writer.connection)
    files = catalogue.paths_below(writer.connection, path)
    inside = [root for root, _ in roots if catalogue.is_below(root, path)]
    if not files and not inside:
        raise PathProblem(
            f"The index knows nothing of {os.fsdecode(path)}.", hint="`localsearch status` lists the indexed folders."
        )
    for root in inside:
        writer.remove_root(root)
    for root, options in roots:
        if root not in inside and catalogue.is_below(path, root):
            writer.add_root(root, _without(Scope.from_json(options), root, path).to_json())
    writer.remove(files)
    writer.drop_unused_vectors()
    cache.rebuild(writer, dim)
    writer.checkpoint()
    return len(files)


def _without(scope: Scope, root: bytes, path: bytes) -> Scope:
    """The scope, with `path` left out of later runs."""
    relative = os.fsdecode(os.path.relpath(path, root))
    pattern = "/" + re.sub(r"([\\\\*?\[\]!# ])", r"\\\1", relative)
    return replace(scope, exclude=(*scope.exclude, pattern))
