"""Read-only connections to one index: as many as are in use at once, however many threads come and go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from localsearch.store.folder import check_index
from localsearch.store.forking import tell_of_forks
from localsearch.store.schema import read_format, show_as_newest
from localsearch.store.sqlite import AtRest, Connection, connect, refuse_changed

KEPT = 16
"""Connections kept for later use, each with a cache of pages (see `sqlite.READER_CACHE`)."""


class Connections:
    """The connections of one reader. The one given back last is lent first: its cache is the warmest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._idle: list[Connection] = []
        self._lock = Lock()
        self._closed = False
        tell_of_forks(self)

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        """A connection for one thread. Raises IndexNotFound, IndexDamaged, IndexMismatch, StorageError."""
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def _take(self) -> Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        connection = connect(check_index(self._folder), writable=False)
        try:
            show_as_newest(connection, read_format(connection, self._folder))
        except BaseException:
            connection.close()
            raise
        return connection

    def _give_back(self, connection: Connection) -> None:
        if isinstance(connection, AtRest):  # what it keeps in memory may be old the next time
            connection.close()
            refuse_changed(connection, self._folder)
            return
        with self._lock:
            if len(self._idle) < KEPT and not self._closed and not connection.in_transaction:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close those that nobody uses; the others are closed when they come back."""
        with self._lock:
            self._closed = True
            self._close_idle()

    def before_fork(self) -> None:
        with self._lock:
            self._close_idle()

    def after_fork_in_child(self) -> None:
        self._lock = Lock()

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()
