"""What is said of a running index: speed, time left, and not too often."""

from __future__ import annotations

import pytest

from localsearch.cli import diagnostics
from localsearch.cli.progress import Reporter
from localsearch.meter import Meter
from localsearch.records import Progress


def progress(files: int, stored: int, encoded: int, seconds: float, current: str = "a.txt") -> Progress:
    return Progress(files, 100, stored, encoded, files * 10, 1000, seconds, current)


def test_time_left_comes_from_committed_batches() -> None:
    meter = Meter()
    first = progress(files=20, stored=0, encoded=0, seconds=1.0)
    meter.take(first)
    assert "left" not in meter.line(first)  # files are read ahead of the encoder: nothing is known yet
    meter.take(progress(files=25, stored=0, encoded=300, seconds=20.0))
    committed = progress(files=25, stored=500, encoded=500, seconds=25.0)
    meter.take(committed)
    assert meter.line(committed) == "25/100 files  20 passages/s  75 s left  a.txt"
    later = progress(files=40, stored=500, encoded=700, seconds=35.0)
    meter.take(later)
    assert "65 s left" in meter.line(later)
    assert (meter.files_kept, meter.files_total) == (25, 100)


def test_speed_is_that_of_the_last_half_minute() -> None:
    meter = Meter()
    for second in range(100):
        meter.take(progress(1, 0, 1000 if second < 50 else 1000 + 10 * (second - 50), float(second)))
    assert "10 passages/s" in meter.line(progress(1, 0, 1490, 99.0))


class Screen:
    """Collects what would be written to standard error."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, live: bool) -> None:
        self.lines: list[str] = []
        monkeypatch.setattr(diagnostics, "can_overwrite", lambda: live)
        monkeypatch.setattr(diagnostics, "overwrite", self.lines.append)
        monkeypatch.setattr(diagnostics, "say", self.lines.append)


@pytest.mark.parametrize(("live", "most"), [(True, 101), (False, 1)])
def test_updates_are_rare_enough(monkeypatch: pytest.MonkeyPatch, live: bool, most: int) -> None:
    screen = Screen(monkeypatch, live=live)
    now = 0.0
    reporter = Reporter(clock=lambda: now)
    for step in range(1001):
        now = step / 100  # ten seconds
        reporter(progress(1, 0, step, now))
    assert most * 0.9 <= len(screen.lines) <= most


def test_a_live_line_is_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, live=True)
    Reporter().close()
    assert screen.lines == [""]


def test_verbose_names_each_file_once(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, live=True)
    reporter = Reporter(verbose=True)
    for name in ("a.txt", "a.txt", "", "b.txt"):
        reporter(progress(1, 0, 0, 0.0, name))
    assert screen.lines == ["read a.txt", "read b.txt"]
