"""How fast an indexing run is and how long it will take, from what it reports of itself."""

from __future__ import annotations

from collections import deque

from localsearch.names import short
from localsearch.records import Progress

WINDOW = 30.0
"""Seconds over which the speed is averaged."""


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
        if self.speed > 0:
            parts.append(f"{self.speed:,.0f} passages/s")
        left = self.seconds_left(progress)
        if left is not None:
            parts.append(f"{duration(left)} left")
        return "  ".join([*parts, *([short(progress.current)] if progress.current else [])])

    @property
    def speed(self) -> float:
        """Passages encoded per second, lately."""
        (begin, before), (end, after) = self._recent[0], self._recent[-1]
        return (after - before) / (end - begin) if end > begin else 0.0

    def seconds_left(self, progress: Progress) -> float | None:
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
