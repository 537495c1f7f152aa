"""A process may fork while it searches, as servers do that load once and then start their workers.

SQLite says that no connection may cross a fork, and a lock that another thread holds at that moment stays locked in
the child for ever. So a fork waits until no thread reads an index (newcomers wait in turn), and connections that
nobody uses are closed before it; parent and child open new ones when they need them. An index that is being changed
is not waited for: that can take hours.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, local
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """Something that has to know of a fork."""

    def before_fork(self) -> None:
        """Give up what must not exist twice. Nobody reads an index in another thread now."""

    def after_fork_in_child(self) -> None:
        """Make anew what does not work in the child: locks and threads."""


class _Gate:
    """Keeps reading and forking apart."""

    def __init__(self) -> None:
        self._wake = Condition()
        self._reading = 0
        self._forking = 0
        self._mine = local()

    def enter(self, *, beside: bool) -> None:
        """Begin to read. `beside`: for a thread that reads already and waits for this one."""
        with self._wake:
            while self._forking and not beside:
                self._wake.wait()
            self._reading += 1
            self._mine.reading = self._own() + 1

    def leave(self) -> None:
        with self._wake:
            self._reading -= 1
            self._mine.reading = self._own() - 1
            self._wake.notify_all()

    def _own(self) -> int:
        """Readings of this thread: it cannot wait for itself."""
        return int(getattr(self._mine, "reading", 0))

    def before(self) -> None:
        with self._wake:
            self._forking += 1
            while self._reading > self._own():
                self._wake.wait()
        for one in list(_forkable):
            one.before_fork()

    def after_in_parent(self) -> None:
        with self._wake:
            self._forking -= 1
            self._wake.notify_all()

    def after_in_child(self) -> None:
        self._wake = Condition()
        self._forking = 0
        self._reading = self._own()
        for one in list(_forkable):
            one.after_fork_in_child()


_gate = _Gate()
_forkable: WeakSet[Forkable] = WeakSet()
os.register_at_fork(before=_gate.before, after_in_parent=_gate.after_in_parent, after_in_child=_gate.after_in_child)


def tell_of_forks(one: Forkable) -> None:
    """Have it told of every fork, as long as it lives."""
    _forkable.add(one)


@contextmanager
def reading(*, beside: bool = False) -> Iterator[None]:
    """No fork happens inside. `beside`: see `_Gate.enter`."""
    _gate.enter(beside=beside)
    try:
        yield
    finally:
        _gate.leave()
