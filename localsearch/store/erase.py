"""Erasing what was forgotten, so that nothing of it is in any file of the index.

The transaction that removes the rows sets a mark, `settings.erasing`. It stands until somebody has looked: the
write-ahead log is empty, no FAISS file knows the vectors, no page of the database has a copy. A kill, a full disk or
a reader that holds the old state may come between; then whoever opens the index next goes on. The mark lists, as JSON,
the paths whose rows are still there: none, unless the disk was too full to remove them in one transaction.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from localsearch.errors import EraseUnfinished
from localsearch.store import cache, catalogue
from localsearch.store.copies import drop_copies
from localsearch.store.create import sweep
from localsearch.store.folder import sync_folder
from localsearch.store.readers import reading_processes
from localsearch.store.scrub import scrub
from localsearch.store.sqlite import DATABASE, PATIENCE, is_full, sqlite3, transaction

if TYPE_CHECKING:
    from localsearch.store.writer import Writer

MARK = "erasing"


def remove(writer: Writer, path: bytes, change: Callable[[], None]) -> None:
    """Take a file, or a folder with all below it, out of the index, make `change` with it, and set the mark.

    In one transaction. On a full disk the first one makes `change` and writes the path into the mark, and the rows
    go in steps; readers see fewer and fewer of them.
    """
    try:
        with transaction(writer.connection):
            change()
            _remove_rows(writer, [path])
    except sqlite3.OperationalError as error:
        if not is_full(error):
            raise
        cache.drop(writer)
        writer.make_room()
        with transaction(writer.connection):
            change()
            writer.put(**{MARK: json.dumps([path.hex()])})
        _remove_rows(writer, [path])


def finish(writer: Writer, *, patience: float = PATIENCE) -> bool:
    """Erase what the mark stands for, and drop it; False when there is none.

    Raises EraseUnfinished when a reader holds the old state for longer than `patience`, seconds.
    """
    mark = writer.setting(MARK)
    if not mark:
        return False
    if paths := [bytes.fromhex(path) for path in json.loads(mark)]:
        _remove_rows(writer, paths)
    sweep(writer.folder, keep=writer.cache_file())
    drop_copies(writer.folder)
    sync_folder(writer.folder)
    database = writer.folder / DATABASE
    if not writer.checkpoint(patience=patience) or os.path.getsize(f"{database}-wal"):
        raise _unfinished(writer)
    scrub(database)
    writer.reopen()  # the pages in its memory are from before
    writer.drop_setting(MARK)
    writer.checkpoint(patience=0)
    return True


def _remove_rows(writer: Writer, paths: list[bytes]) -> None:
    """What the index knows of these paths. The FAISS file goes with it: it holds their vectors."""
    for path in paths:
        writer.remove(catalogue.paths_below(writer.connection, path))
    writer.drop_unused_vectors()
    with transaction(writer.connection):
        cache.disown(writer)
        writer.put(**{MARK: "[]"})


def _unfinished(writer: Writer) -> EraseUnfinished:
    others = [f"process {one}" for one in reading_processes(writer.folder) if one != os.getpid()]
    who = " and ".join(others) or "a search in this program"
    return EraseUnfinished(
        f"The files of the index at {writer.folder} still hold what was forgotten: {who} reads an older state of it.",
        hint="Searches that begin now no longer find it. Once that one has ended, any localsearch command on this"
        " index erases it.",
    )
