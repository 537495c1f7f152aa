"""Looking for damage: everything that can be known of an index without reading a document again.

The quick examination reads the structure and counts; the full one reads every row, every word and every vector.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from localsearch.errors import LocalSearchError
from localsearch.records import Finding, Part
from localsearch.store.folder import check_index
from localsearch.store.health import cached, rows, words
from localsearch.store.lock import holder
from localsearch.store.schema import APPLICATION_ID, FORMAT, MIGRATIONS, check_format
from localsearch.store.sqlite import DATABASE, UNREADABLE, Connection, connect, refuse_changed

REPAIR = "localsearch doctor --repair"
FINISH = "localsearch index"


def examine(folder: Path, *, full: bool) -> list[Finding]:
    """What is wrong with the index. Raises IndexNotFound, and StorageError where it may not be read."""
    try:
        database = check_index(folder)
    except LocalSearchError as error:
        if error.exit_code != 2:
            raise
        return [_database(error.message, "nothing; the documents and their vectors may be lost")]
    found = list(_permissions(folder))
    try:
        with closing(connect(database, writable=False)) as connection:
            connection.execute("BEGIN")  # one state, whoever writes meanwhile
            for look in (_structure, rows.examine, words.examine, cached.examine, _unfinished):
                try:
                    found += look(connection, folder, full)
                except UNREADABLE as error:
                    found.append(_database(str(error), "what can still be read is kept"))
                except (TypeError, ValueError, OverflowError) as error:  # a value of a kind that was never written
                    found.append(_database(f"a value cannot be read: {error}", "what can still be read is kept"))
            refuse_changed(connection, folder)
    except UNREADABLE as error:
        found.append(_database(str(error), "nothing"))
    return list(dict.fromkeys(found))


def _database(what: str, works: str) -> Finding:
    return Finding(Part.DATABASE, what, DATABASE, works, REPAIR)


def _permissions(folder: Path) -> Iterator[Finding]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((DATABASE, "vectors-")) and stat.S_IMODE(entry.lstat().st_mode) & 0o077:
            yield Finding(
                Part.FOLDER,
                "other users may open it, should the folder ever be opened to them",
                entry.name,
                "everything",
                f"chmod 600 {entry}",
                damage=False,
            )


def _structure(connection: Connection, folder: Path, full: bool) -> Iterator[Finding]:
    works = "searches of what can be read"
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        yield _database("its header does not say that it is ours", works)
    made = [row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    number = connection.execute("PRAGMA user_version").fetchone()[0]
    if number > FORMAT and made[: len(MIGRATIONS)] == list(MIGRATIONS) != made:
        check_format(number)
    if made != list(MIGRATIONS[: len(made)]) or number != len(made):
        yield _database(f"it says format {number}, but was migrated to format {len(made)}", works)
    elif number < FORMAT:
        yield Finding(
            Part.RUNS, f"its format is {number}; this version writes {FORMAT}, with checksums", DATABASE,
            "everything", FINISH, damage=False,
        )  # fmt: skip
    check = "integrity_check" if full else "quick_check"
    for (line,) in connection.execute(f"PRAGMA {check}(20)"):
        if line != "ok":
            yield _database(" ".join(line.split()), works)


def _unfinished(connection: Connection, folder: Path, full: bool) -> Iterator[Finding]:
    settings = dict(connection.execute("SELECT key, value FROM settings"))
    if "erasing" in settings:
        what = "bytes of something that was forgotten are still there"
        yield Finding(Part.RUNS, what, DATABASE, "searches do not find it", FINISH, damage=False)
    if "next_fingerprint" in settings:
        what = "a change to another encoder was begun and not ended"
        yield Finding(
            Part.RUNS, what, DATABASE, "everything, with the old encoder", "localsearch model use", damage=False
        )
    if connection.execute("PRAGMA user_version").fetchone()[0] < FORMAT:
        return
    if holder(folder) is not None:  # a run is under way
        return
    for (path,) in connection.execute("SELECT path FROM roots WHERE complete = 0 ORDER BY path"):
        what = f"the last run over {path.decode('utf-8', 'backslashreplace')} was interrupted"
        yield Finding(Part.RUNS, what, DATABASE, "searches of what was indexed", FINISH, damage=False)
