"""How long a worker may take for its document, by its own work and not by how busy the machine is."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from localsearch.ingest.parse.limits import Limits

_ASLEEP = "SI"
"""States of a thread in `/proc`: it waits for something that is no disk, or is idle. Not running, not stopped."""


class Patience:
    """Watches a worker process from outside; the worker cannot change what is counted."""

    def __init__(self, process: int, limits: Limits) -> None:
        """Begin to count. `process`: a child that was not waited for yet."""
        self._process = process
        self._limits = limits
        self._clock = (~process << 3) | 2  # CPUCLOCK_SCHED of linux/posix-timers.h, as clock_getcpuclockid(3) makes it
        self._begun = self._awake = self._looked = time.monotonic()
        self.interval = min(1.0, limits.asleep_seconds / 10)
        """Seconds from one look to the next."""
        self._worked = self._processor_time()

    def ended(self) -> tuple[str, bool] | None:
        """Why it ended, and whether through the machine's fault; None while it lasts."""
        now = time.monotonic()
        if now - self._looked < self.interval:
            return None
        self._looked = now
        if not self._sleeps():
            self._awake = now
        if self._processor_time() - self._worked > self._limits.cpu_seconds:
            return f"parser took longer than {self._limits.cpu_seconds:g} s of processor time", False
        if now - self._awake > self._limits.asleep_seconds:
            return f"parser did nothing for {self._limits.asleep_seconds:g} s", False
        if now - self._begun > self._limits.wall_seconds:
            return f"parser took longer than {self._limits.wall_seconds:g} s on a busy machine", True
        return None

    def _processor_time(self) -> float:
        """Seconds that all its threads have worked so far; what was counted before when it is gone."""
        with contextlib.suppress(OSError):
            return time.clock_gettime(self._clock)
        return 0.0

    def _sleeps(self) -> bool:
        """Whether no thread runs, wants to run, waits for a disk or was stopped; False when that cannot be told."""
        try:
            threads = [path.read_text() for path in Path(f"/proc/{self._process}/task").glob("*/stat")]
        except OSError:
            return False
        return bool(threads) and all(status.rpartition(") ")[2][:1] in _ASLEEP for status in threads)
