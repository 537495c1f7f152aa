"""The index screen: what it shows, and runs that are started, watched and stopped there."""

from __future__ import annotations

from pathlib import Path

import pytest

from localsearch import Index
from localsearch.tui.screens.index import Folders, IndexScreen
from tests.conftest import TINY
from tests.tui.conftest import Play, play, write_documents


def test_it_shows_what_the_index_holds(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.press("f2")
        await it.see("6 files, 6 documents", "txt 3, md 2, csv 1", "tiny", "documents", "nothing to mend", "last run")
        await it.press("escape")
        await it.see("Type to search")

    play(index, scenario)


def test_an_update_is_run_and_searched_afterwards(own: Path) -> None:
    (own.parent / "documents" / "new.txt").write_text("A pelican lives here.")
    (own.parent / "documents" / "empty.txt").write_text("")

    async def scenario(it: Play) -> None:
        await it.find("pelican")
        await it.press("f2", "u")
        await it.see("2 new", "7 files", "Skipped (1)", "documents/empty.txt", "gave no text")
        await it.press("escape")
        await it.until(lambda: it.names[:1] == ["new.txt"])

    play(own, scenario)


def test_a_folder_is_added(own: Path) -> None:
    more = own.parent / "more papers"
    more.mkdir()
    (more / "bird.txt").write_text("A pelican lives here.")

    async def scenario(it: Play) -> None:
        await it.press("f2", "a")
        await it.see("Which folder shall be read?", "the current folder")
        await it.type("mor")
        await it.see("more papers")
        await it.press("tab")
        await it.see("more papers/", "read this folder")
        await it.press("enter")
        await it.see("1 file, 1 passage", "1 file (1 new)")

    play(own, scenario)
    with Index.open(own) as opened:
        assert {Path(root.path).name for root in opened.status().roots} == {"documents", "more papers"}


def test_forgetting_asks_first(own: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.press("f2")
        await it.see("6 files, 6 documents")
        await it.press("d")
        await it.see("Forget documents?", "The files themselves stay")
        await it.press("n")
        assert it.app.status is not None and it.app.status.files == 6
        await it.press("d", "y")
        await it.until(lambda: it.app.status is not None and it.app.status.files == 0)
        await it.see("Forgotten.")
        assert it.app.screen.query_one(Folders).roots == ()

    play(own, scenario)
    assert (own.parent / "documents" / "lease.md").exists()


def test_searching_goes_on_during_a_run_that_is_cancelled(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = own.parent / "documents"
    monkeypatch.setattr("localsearch.ingest.batch.PASSAGES", 4)
    for number in range(1000):
        (documents / f"more-{number:04d}.txt").write_text(f"Contract number {number} with the landlord.\n" * 20)

    async def scenario(it: Play) -> None:
        await it.press("f2", "u")
        await it.see("⟳ Bringing up to date", "/1,000 files")
        await it.press("escape")
        await it.find("tenant")
        assert "lease.md" in it.names
        assert it.app.session.running
        await it.see("⟳ Bringing up to date")
        await it.press("f2", "c")
        await it.see("Cancelled; what was committed is kept.", "the last run was interrupted: u finishes it")

    play(own, scenario)
    with Index.open(own) as opened:
        assert 6 < opened.status().files < 1006


def test_without_an_index_a_folder_is_chosen_and_read_right_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALSEARCH_ENCODER", str(TINY))
    write_documents(tmp_path / "papers")
    monkeypatch.chdir(tmp_path / "papers")

    async def scenario(it: Play) -> None:
        await it.see("Nothing is indexed yet.", "choose a folder")
        await it.press("enter")
        await it.see("Which folder shall be read?", "the current folder")
        await it.press("enter")
        await it.see("6 files (6 new)")
        await it.press("escape")
        await it.find("landlord")
        assert it.names[0] == "lease.md"

    play(tmp_path / "index", scenario)


def test_leaving_the_choice_leaves_the_screen(tmp_path: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.see("Nothing is indexed yet.")
        await it.press("f2")
        await it.see("Which folder shall be read?")
        await it.press("escape")
        await it.until(lambda: not isinstance(it.app.screen, IndexScreen))
        await it.see("Nothing is indexed yet.")

    play(tmp_path / "index", scenario)
    assert not (tmp_path / "index").exists()


def test_an_index_that_another_process_writes_is_told(own: Path) -> None:
    from localsearch.store.writer import Writer

    async def scenario(it: Play) -> None:
        await it.press("f2")
        with Writer(own):
            await it.press("u")
            await it.see("written by")  # wrapped somewhere

    play(own, scenario)


def test_a_root_that_is_gone_is_a_finding(own: Path) -> None:
    (own.parent / "documents").rename(own.parent / "elsewhere")

    async def scenario(it: Play) -> None:
        await it.press("f2")
        await it.see("not there now", "what is known of it is kept")

    play(own, scenario)
