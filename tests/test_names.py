"""Paths, places, numbers and times as people read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from localsearch.meter import duration
from localsearch.names import count, place, short, size
from localsearch.records import Hit


def hit(path: str, *, member: str = "", page: int | None = None) -> Hit:
    return Hit(1, Path(path), member, "", page, "", 0.5, "text", ())


def test_a_path_is_relative_when_that_is_shorter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert short(tmp_path / "notes" / "a.txt") == "notes/a.txt"
    assert short("/a.txt") == "/a.txt"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (hit("/a.pdf", page=3), "/a.pdf, p. 3"),
        (hit("/a.pptx", page=3), "/a.pptx, slide 3"),
        (hit("/a.ODS", page=2), "/a.ODS, sheet 2"),
        (hit("/a.zip", member="deep/b.pptx", page=1), "/a.zip: deep/b.pptx, slide 1"),
        (hit("/a.txt"), "/a.txt"),
    ],
)
def test_places(found: Hit, expected: str) -> None:
    assert place(found) == expected


def test_names_from_outside_are_made_safe() -> None:
    shown = place(hit("/e\x1b[31mvil\n.zip", member="\u202egnp.exe"))
    assert shown.isprintable()
    assert "U+001B" in shown and "U+000A" in shown and "U+202E" in shown


def test_numbers() -> None:
    assert [count(1, "file"), count(1140, "file")] == ["1 file", "1,140 files"]
    assert [size(999), size(23_700_000), size(5 * 10**15)] == ["999 bytes", "23.7 MB", "5000.0 TB"]
    assert [duration(40.4), duration(720), duration(11_100)] == ["40 s", "12 min", "3 h 05 min"]
