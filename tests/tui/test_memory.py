"""What is remembered: private, whole, and never in the way."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from localsearch.tui.memory import MOST_QUERIES, Memory, SavedSearch, default_file


def test_it_is_in_the_users_data_folder_and_private(tmp_path: Path) -> None:
    memory = Memory()
    memory.used("notice period")
    assert memory.file == default_file() and memory.file.name == "tui.json"
    assert stat.S_IMODE(memory.file.stat().st_mode) == 0o600
    assert list(memory.file.parent.glob(".tui-*")) == []


def test_the_latest_query_comes_first_and_once(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "tui.json")
    for text in ("one", "two", " one ", ""):
        memory.used(text)
    assert Memory(tmp_path / "tui.json").now.history == ("one", "two")
    for number in range(MOST_QUERIES + 5):
        memory.used(str(number))
    assert len(memory.now.history) == MOST_QUERIES
    memory.clear_history()
    assert Memory(tmp_path / "tui.json").now.history == ()


def test_two_applications_lose_nothing(tmp_path: Path) -> None:
    one, two = Memory(tmp_path / "tui.json"), Memory(tmp_path / "tui.json")
    one.save(SavedSearch("lease", "notice", "hybrid"))
    two.used("hotel")
    two.choose_theme("nord")
    again = Memory(tmp_path / "tui.json").now
    assert again.saved == (SavedSearch("lease", "notice", "hybrid"),)
    assert (again.history, again.theme) == (("hotel",), "nord")
    one.forget("lease")
    assert one.now.saved == ()


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff", b'{"history": 5, "saved": [], "theme": ""}', b'{"history": [[[', b"null"]
)
def test_a_broken_file_is_no_reason_not_to_start(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "tui.json").write_bytes(content)
    memory = Memory(tmp_path / "tui.json")
    assert memory.now.history == ()
    memory.used("hotel")
    assert Memory(tmp_path / "tui.json").now.history == ("hotel",)


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    memory = Memory(tmp_path / "file" / "tui.json")
    memory.used("hotel")
    assert memory.now.history == ("hotel",)
