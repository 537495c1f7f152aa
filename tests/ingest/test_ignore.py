"""Ignore files mean what git says they mean, and a hostile one costs one line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsearch.ingest.discover import Scope, discover
from localsearch.ingest.ignore import MOST_PATTERNS, Patterns, is_usable
from localsearch.records import Skipped, SourceFile

ANSWERS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "gitignore.json").read_text("utf-8"))
"""Trees with ignore files, and which files git 2.39 leaves out:
`git ls-files --others --exclude-per-directory=.gitignore`. Made by hand (odd syntax) and at random."""


def make(root: Path, files: dict[str, str]) -> None:
    for file, text in files.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")


def read(root: Path, scope: Scope | None = None) -> list[str]:
    items = discover(os.fsencode(root), scope or Scope())
    return [os.path.relpath(os.fsdecode(item.path), root) for item in items if isinstance(item, SourceFile)]


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: " ".join(case["ignore"].values()).encode("unicode_escape"))
def test_git_would_leave_out_the_same(tmp_path: Path, case: dict[str, Any]) -> None:
    make(tmp_path, dict.fromkeys(case["files"], ""))
    make(tmp_path, {os.path.join(folder, ".gitignore"): text for folder, text in case["ignore"].items()})
    kept = [name for name in read(tmp_path, Scope(hidden=True)) if not name.endswith(".gitignore")]
    assert sorted(kept) == sorted(set(case["files"]) - set(case["ignored"]))


def test_the_nearest_and_the_strongest_ignore_file_decides(tmp_path: Path) -> None:
    make(tmp_path, {".gitignore": "*.log\n*.tex\n", "a/.gitignore": "!keep.log\n", "a/keep.log": "", "a/other.log": ""})
    make(tmp_path, {".ignore": "!b.tex\n", "a.tex": "", "b.tex": "", "c.md": "", ".localsearchignore": "c.md\n!*.md\n"})
    assert read(tmp_path) == ["a/keep.log", "b.tex", "c.md"]
    assert read(tmp_path, Scope(ignore_files=False)) == ["a/keep.log", "a/other.log", "a.tex", "b.tex", "c.md"]


def test_a_folder_left_out_is_not_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {".gitignore": "big/\n", "big/deep/file.txt": "", "big/.gitignore": "!*\n", "file.txt": ""})
    listed: list[bytes] = []
    scandir = os.scandir

    def noting(path: bytes) -> Iterator[os.DirEntry[bytes]]:
        listed.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", noting)
    assert read(tmp_path) == ["file.txt"]
    assert listed == [os.fsencode(tmp_path)]


def test_the_reason_names_the_ignore_file(tmp_path: Path) -> None:
    make(tmp_path, {"a/.gitignore": "*.log\n", "a/b/x.log": ""})
    items = list(discover(os.fsencode(tmp_path), Scope(), explain=True))
    assert Skipped(str(tmp_path / "a/b/x.log"), "ignored by a/.gitignore") in items


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _long(path: Path) -> None:
    path.write_text("# nothing but talk\n" * 20_000)


def _rich(path: Path) -> None:
    path.write_text("".join(f"pattern-{number}\n" for number in range(MOST_PATTERNS + 1)))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_pipe, "not a regular file"),
        (_link, "a symbolic link now"),
        (_long, "larger than 256 KB"),
        (_rich, "more than 2,000 patterns are in force here"),
    ],
)
def test_an_ignore_file_of_no_use_costs_one_line(tmp_path: Path, spoil: Callable[[Path], None], reason: str) -> None:
    make(tmp_path, {"file.txt": ""})
    spoil(tmp_path / ".gitignore")
    assert list(discover(os.fsencode(tmp_path), Scope())) == [
        Skipped(str(tmp_path / ".gitignore"), f"ignore file not used: {reason}"),
        SourceFile(os.fsencode(tmp_path / "file.txt"), 0, (tmp_path / "file.txt").stat().st_mtime_ns),
    ]


def test_patterns_of_all_folders_above_count_together(tmp_path: Path) -> None:
    lines = "".join(f"pattern-{number}\n" for number in range(MOST_PATTERNS // 2 + 1))
    make(
        tmp_path,
        {".gitignore": lines, "a/.gitignore": lines, "a/pattern-7": "", "b/.gitignore": "*.log\n", "b/x.log": ""},
    )
    items = list(discover(os.fsencode(tmp_path), Scope()))
    assert [item.reason for item in items if isinstance(item, Skipped)] == [
        "ignore file not used: more than 2,000 patterns are in force here"
    ]
    assert read(tmp_path) == []


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 60 + "*b", "a" * 255),
        ("*[a-z]?" * 40 + "*0", "a" * 255),
        ("**/a/" * 60 + "b", "a/" * 2_000 + "x"),
        ("/" + "*a*/" * 50 + "b", ("a" * 50 + "/") * 60 + "a"),
        ("**/*a*a/" * 20 + "b", "/".join(["a" * 60] * 60)),
        ("[" * 5_000, "["),
        ("*" * 5_000 + "b", "a" * 255),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    """pathspec takes more than ten minutes for the first with six stars; pytest's limit is two."""
    patterns = Patterns([pattern] * 50)
    assert patterns.verdict(path, path.rpartition("/")[2], folder=False) is None


@given(
    st.lists(st.text(alphabet="ab*?[]!^-/\\# .é\n\udcff", max_size=12), max_size=4), st.text("ab/.é\udcff", max_size=9)
)
def test_any_line_is_read_without_failing(lines: list[str], path: str) -> None:
    verdict = Patterns(lines).verdict(path, path.rpartition("/")[2], folder=True)
    assert verdict in (True, False, None)
    if not any(map(is_usable, lines)):
        assert verdict is None
