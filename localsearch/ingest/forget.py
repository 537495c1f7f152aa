"""Forgetting: no byte of a file's text, words, vectors or name stays in the index folder."""

from __future__ import annotations

import os

from localsearch.errors import EraseUnfinished, PathProblem
from localsearch.ingest.scope import Scope
from localsearch.store import cache, catalogue, erase
from localsearch.store.writer import Writer


def forget(writer: Writer, path: bytes, dim: int) -> int:
    """Forget a file or a folder with all below it; the number of files.

    A path that is not known is fine, and gives 0, when there was or is something left to erase: then that is done.
    Raises PathProblem for any other, and EraseUnfinished while a reader holds the old state.
    """
    roots = catalogue.read_roots(writer.connection)
    files = catalogue.paths_below(writer.connection, path)
    inside = [root for root, _ in roots if catalogue.is_below(root, path)]
    if files or inside:

        def change() -> None:
            for root, options in roots:
                if root in inside:
                    writer.remove_root(root)
                elif catalogue.is_below(path, root):
                    writer.add_root(root, Scope.from_json(options).without(os.path.relpath(path, root)).to_json())

        erase.remove(writer, path, change)
    elif not writer.erased_before and not writer.setting(erase.MARK):
        raise PathProblem(
            f"The index knows nothing of {os.fsdecode(path)}.", hint="`localsearch status` lists the indexed folders."
        )
    try:
        erase.finish(writer)
    except EraseUnfinished as error:
        error.files = len(files)
        cache.rebuild_if_due(writer, dim)
        raise
    cache.rebuild_if_due(writer, dim)
    writer.checkpoint()
    return len(files)
