"""How far an indexing run is: one live line on a terminal, an occasional line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

from localsearch.cli import diagnostics
from localsearch.cli.names import short
from localsearch.meter import Meter
from localsearch.records import Progress

LIVE = 0.1
"""Seconds between two updates of the live line; a slow terminal must not slow the run."""
PLAIN = 10.0
"""Seconds between two lines where nothing can be written over, such as a log file."""


class Reporter:
    """Tells of an indexing run on standard error. Called with each Progress, from the thread that indexes."""

    def __init__(
        self, *, verbose: bool = False, quiet: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._live = diagnostics.can_overwrite() and not verbose and not quiet
        self._quiet = quiet
        self._verbose = verbose
        self._clock = clock
        self._due = clock() + (0.0 if self._live else PLAIN)
        self._file = ""
        self._meter = Meter()

    @property
    def kept(self) -> str:
        """How much an interruption leaves, as far as is known."""
        meter = self._meter
        return f"{meter.files_kept:,} of {meter.files_total:,} files and {meter.encoded:,} encoded passages are kept"

    def __call__(self, progress: Progress) -> None:
        self._meter.take(progress)
        if self._quiet:
            return
        if self._verbose and progress.current and progress.current != self._file:
            self._file = progress.current
            diagnostics.say(f"read {short(progress.current)}")
        now = self._clock()
        if now < self._due:
            return
        self._due = now + (LIVE if self._live else PLAIN)
        if self._live:
            diagnostics.overwrite(self._meter.line(progress))
        else:
            diagnostics.say(self._meter.line(progress))

    def close(self) -> None:
        if self._live:
            diagnostics.overwrite("")
