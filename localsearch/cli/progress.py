"""How far an indexing run is: one live line on a terminal, an occasional line elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from localsearch.cli import diagnostics
from localsearch.cli.names import short
from localsearch.records import Progress

LIVE = 0.1
"""Seconds between two updates of the live line; a slow terminal must not slow the run."""
PLAIN = 10.0
"""Seconds between two lines where nothing can be written over, such as a log file."""
WINDOW = 30.0
"""Seconds over which the speed is averaged."""


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


class Meter:
    """Speed and time left, from what has been reported so far."""

    def __init__(self) -> None:
        self.files_kept = self.files_total = self.encoded = 0
        self._recent: deque[tuple[float, int]] = deque([(0.0, 0)])
        self._stored = 0
        self._bytes_per_second = 0.0
        self._measured = (0.0, 0)

    def take(self, progress: Progress) -> None:
        self.files_total = progress.files_total
        self.encoded = progress.passages_encoded
        self._recent.append((progress.seconds, progress.passages_encoded))
        while len(self._recent) > 2 and self._recent[0][0] < progress.seconds - WINDOW:
            self._recent.popleft()
        if progress.passages_done != self._stored:  # a batch was committed: all files so far are read and encoded
            self._stored = progress.passages_done
            self.files_kept = progress.files_done
            self._bytes_per_second = progress.bytes_done / max(progress.seconds, 0.001)
            self._measured = (progress.seconds, progress.bytes_done)

    def line(self, progress: Progress) -> str:
        parts = [f"{progress.files_done:,}/{progress.files_total:,} files"]
        if self._speed() > 0:
            parts.append(f"{self._speed():,.0f} passages/s")
        left = self._seconds_left(progress)
        if left is not None:
            parts.append(f"{duration(left)} left")
        return "  ".join([*parts, *([short(progress.current)] if progress.current else [])])

    def _speed(self) -> float:
        """Passages encoded per second, lately."""
        (begin, before), (end, after) = self._recent[0], self._recent[-1]
        return (after - before) / (end - begin) if end > begin else 0.0

    def _seconds_left(self, progress: Progress) -> float | None:
        """From the bytes of committed batches; reading runs ahead of encoding, so its bytes would mislead."""
        if not self._bytes_per_second:
            return None
        since, done = self._measured
        return max((progress.bytes_total - done) / self._bytes_per_second - (progress.seconds - since), 0.0)


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 05 min`."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"
