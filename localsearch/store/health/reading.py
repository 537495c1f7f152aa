"""Reading what can be read of a damaged database, row by row."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from localsearch.store.checksums import COVERED, is_intact, selected
from localsearch.store.schema import show_as_newest
from localsearch.store.sqlite import DATABASE, UNREADABLE, Connection, connect, sqlite3

FAR = 1 << 40
"""Further on than any row stands."""
Row = tuple[Any, ...]


class Rows:
    """The rows of one table that are as they were written, by id, and the ids near which others are lost."""

    def __init__(self, connection: Connection, table: str) -> None:
        self._connection = connection
        self._table = table
        self.suspect: list[tuple[int, Row]] = []
        """Id at which something is lost, and the row that stands there, empty when it cannot be read."""

    def __iter__(self) -> Iterator[Row]:
        """Rows with the covered columns; those of `vectors` have none of their ids."""
        sql = f"SELECT id, {selected(self._table)} FROM {self._table} WHERE id > ? ORDER BY id"
        last = 0
        while True:
            try:
                for row in self._connection.execute(sql, [last]):
                    if row[0] <= last:
                        raise sqlite3.DatabaseError("rows out of order")
                    last = row[0]
                    if is_intact(self._table, row[1:]):
                        yield row[1:-1]
                    else:
                        self.suspect.append((last, row[1:-1]))
            except (*UNREADABLE, TypeError, OverflowError):
                self.suspect.append((last + 1, ()))
                last += self._step(last)
                if last >= FAR:
                    return
                continue
            return

    def _step(self, last: int) -> int:
        """How far to step over a page that cannot be read: the least after which a row can be."""
        high = 1
        while not self._is_readable(last + high):
            high *= 2
            if high > FAR:
                return FAR
        low = high // 2
        while low + 1 < high:
            middle = (low + high) // 2
            if self._is_readable(last + middle):
                high = middle
            else:
                low = middle
        return high

    def _is_readable(self, after: int) -> bool:
        sql = f"SELECT id, {selected(self._table)} FROM {self._table} WHERE id > ? ORDER BY id LIMIT 1"
        try:
            row = self._connection.execute(sql, [after]).fetchone()
        except (*UNREADABLE, TypeError, OverflowError):
            return False
        return row is None or bool(row[0] > after)


def read_small(connection: Connection, table: str) -> tuple[list[Row], int]:
    """The rows of a small table that are as they were written, and how many are not."""
    try:
        rows = connection.execute(f"SELECT {selected(table)} FROM {table}").fetchall()
    except UNREADABLE:
        return [], 1
    intact = [row[:-1] for row in rows if is_intact(table, row)]
    return intact, len(rows) - len(intact)


@contextmanager
def opened(folder: Path, workshop: Path, make_empty: Callable[[Path], None]) -> Iterator[Connection | None]:
    """The database for reading; None when nothing can be read. `make_empty` makes an empty database at a path.

    A first page that is lost says where the tables are. Every database of a format has them at the same pages, so that
    of an empty one stands in for it, in a copy.
    """
    connection = None
    try:
        connection = _connected(folder / DATABASE)
        if connection is None:
            with suppress(OSError, ValueError):
                connection = _connected(_with_first_page(folder / DATABASE, workshop, make_empty))
        yield connection
    finally:
        if connection is not None:
            connection.close()


def _connected(database: Path) -> Connection | None:
    connection = None
    try:
        connection = connect(database, writable=False)
        columns = {row[1] for row in connection.execute("PRAGMA table_info(passages)")}
        if not columns.issuperset({"id", "text"}):
            raise sqlite3.DatabaseError("no table of passages")
        show_as_newest(connection, 2 if "checksum" in columns else 1)
        for table in COVERED:
            connection.execute(f"SELECT {selected(table)} FROM {table} LIMIT 0")
    except UNREADABLE:
        if connection is not None:
            connection.close()
        return None
    return connection


def _with_first_page(database: Path, workshop: Path, make_empty: Callable[[Path], None]) -> Path:
    empty, copy = workshop / "empty.db", workshop / "copy.db"
    make_empty(empty)
    shutil.copyfile(database, copy)
    page = bytearray(empty.read_bytes()[:4096])
    page[18:20] = b"\1\1"  # the log cannot be believed without the page
    page[28:32] = (copy.stat().st_size // 4096).to_bytes(4, "big")
    page[32:40] = bytes(8)  # no free list
    with copy.open("r+b") as file:
        file.write(page)
    return copy
