"""Changing the index from inside the application, in a thread: add, update, forget, and stopping that."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.errors import PathProblem
from localsearch.meter import Meter
from localsearch.paths import absolute
from localsearch.tui import messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from localsearch.engine import Index
    from localsearch.records import Progress, Report
    from localsearch.tui.session import Session

EVERY = 0.1
"""Seconds between two reports of progress; a slow terminal must not slow the run."""


class Cancelled(Exception):
    """Raised out of the progress callback: the run ends as it does on Ctrl-C."""


class Watcher:
    """The progress callback of one run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._meter = Meter()
        self._due = 0.0

    def __call__(self, progress: Progress) -> None:
        if self._session.is_cancelled:
            raise Cancelled
        self._meter.take(progress)
        now = time.monotonic()
        if now >= self._due:
            self._due = now + EVERY
            self._session.tell(messages.RunProgress(progress, self._meter))


def add(session: Session, path: Path) -> None:
    """Index a folder; make the index when there is none."""
    from localsearch.engine import checked_root
    from localsearch.ingest.discover import Scope
    from localsearch.settings import load

    def job() -> Report:
        checked_root(path)  # before an index is made for it
        settings = load().settings
        index = _opened(session)
        roots = {root.path for root in index.status().roots}
        scope = None if os.fsdecode(absolute(path)) in roots else Scope(max_bytes=settings.max_file_mb * 1024 * 1024)
        return index.add(
            path, scope=scope, workers=settings.workers or None, unsealed=settings.unsealed, progress=Watcher(session)
        )

    _run(session, "Reading documents", job)


def update(session: Session) -> None:
    """Bring every folder of the index up to date."""
    from localsearch.settings import load

    def job() -> Report:
        index = session.index
        if index is None or not index.status().roots:
            raise PathProblem("No folder is indexed yet.", hint="Press a to add one.")
        settings = load().settings
        return index.update(workers=settings.workers or None, unsealed=settings.unsealed, progress=Watcher(session))

    _run(session, "Bringing up to date", job)


def forget(session: Session, path: str) -> None:
    """Forget a folder: nothing of its text stays in the index."""

    def job() -> None:
        if session.index is not None:
            session.index.remove(path)

    _run(session, "Forgetting", job)


def _opened(session: Session) -> Index:
    from localsearch.engine import Index
    from localsearch.settings import load

    if session.index is None:
        settings = load().settings
        index = Index.create(session.folder, encoder=settings.encoder or None, passage_size=settings.passage_size)
        session.created(index)
        return index
    return session.index


def _run(session: Session, what: str, job: Callable[[], Report | None]) -> None:
    ended = messages.RunEnded(what)
    try:
        ended.report = job()
    except Cancelled:
        pass
    except Exception as error:
        ended.error = error
    session.ended(ended)
