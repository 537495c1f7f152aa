"""Typing, seeing, refining."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from localsearch import Mode
from localsearch.store.writer import Writer
from localsearch.tui.widgets.query import ModeBar
from tests.tui.conftest import Play, play


def test_results_come_as_one_types(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.see("Type to search")
        await it.find("landlord")
        assert it.names[0] == "lease.md"
        screen = await it.see("lease.md", "The tenant")
        assert "Type to search" not in screen

    play(index, scenario)


def test_a_word_that_is_not_finished_finds(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("landl")
        assert "lease.md" in it.names

    play(index, scenario, mode=Mode.KEYWORD)


def test_the_first_query_may_come_from_the_command_line(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.see("lease.md", "found by meaning and words")
        assert it.query.value == "landlord"

    play(index, scenario, text="landlord")


def test_an_old_answer_never_replaces_a_newer_one(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("landlord")
        old = it.search.found
        await it.press("escape")
        await it.find("hotel")
        new = it.search.found
        it.search.on_found(old)
        assert it.search.found is new and old is not new

    play(index, scenario)


def test_a_draft_never_replaces_the_answer_to_the_same_query(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("landlord")
        found = it.search.found
        assert found is not None
        it.search.on_found(replace(found, is_draft=True))
        assert it.search.found is found

    play(index, scenario)


def test_arrows_choose_while_the_query_keeps_the_focus(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("hotel")
        first = it.reader.hit
        await it.press("down")
        await it.settled()
        assert it.results.at == 1 and it.reader.hit != first
        assert it.app.focused is it.query

    play(index, scenario)


def test_the_chosen_hit_stays_chosen_when_a_better_answer_comes(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("hotel")
        await it.press("down")
        chosen = it.results.hit
        await it.press("ctrl+t")
        await it.until(lambda: it.search.found.mode is Mode.SEMANTIC)
        assert it.results.hit is not None and chosen is not None
        assert it.results.hit.passage == chosen.passage

    play(index, scenario)


def test_a_filter_typed_is_a_chip_and_a_click_removes_it(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("hotel")
        assert len(set(it.names)) > 1
        await it.find(" type:txt")
        assert {Path(name).suffix for name in it.names} == {".txt"}
        await it.see("type: txt ✕")
        await it.pilot.click("#chips", offset=(3, 0))
        await it.settled()
        assert it.query.value == "hotel"
        assert ".md" in {Path(name).suffix for name in it.names}

    play(index, scenario)


def test_a_type_is_clicked(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("hotel")
        screen = await it.see("▤ md ")
        line = screen.splitlines()[1]
        await it.pilot.click("#chips", offset=(line.index("▤ md ") + 2, 0))
        await it.settled()
        assert it.query.value == "hotel type:md"
        assert {Path(name).suffix for name in it.names} == {".md"}

    play(index, scenario)


def test_filters_are_chosen_from_a_list(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("hotel")
        await it.press("ctrl+f")
        await it.see("Narrow to", "type md", "folder documents/notes")
        await it.type("notes")
        await it.press("enter")
        await it.settled()
        assert it.query.value == "hotel path:documents/notes/"
        assert set(it.names) == {"hotels.txt", "prices.csv"}
        await it.press("ctrl+f")
        await it.see("path: documents/notes/", "✕ remove from the query")
        await it.press("enter")
        await it.settled()
        assert it.query.value == "hotel"

    play(index, scenario)


def test_an_unfinished_filter_hides_nothing(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("hotel type:m")
        await it.until(lambda: len(set(it.names)) > 1, "the hits of all types")

    play(index, scenario)


def test_modes_are_chosen_by_key_and_by_mouse(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("hotel")
        await it.press("ctrl+t")
        await it.until(lambda: it.search.found.mode is Mode.SEMANTIC)
        await it.see("[meaning]", "found by meaning")
        await it.pilot.click(ModeBar, offset=(18, 0))
        await it.until(lambda: it.search.found.mode is Mode.KEYWORD)
        await it.see("[words]", "found by words")

    play(index, scenario)


def test_one_result_for_each_document(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("tenant landlord rent notice")
        await it.press("ctrl+g")
        await it.until(lambda: len(it.names) == len(set(it.names)))

    play(index, scenario)


def test_nothing_found_says_what_to_do(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.type("zzyzx type:md")
        await it.see("Nothing found for", "remove a filter (type:md)", "search another way")

    play(index, scenario, mode=Mode.KEYWORD)


def test_a_query_that_cannot_be_understood_says_so(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.type("hotel -draft after:nonsense ")
        await it.see("'nonsense' is not a date")
        await it.press("escape")
        await it.see("Type to search")

    play(index, scenario)


def test_a_used_query_is_in_the_history(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("landlord")
        await it.press("enter")
        assert it.app.focused is it.results
        await it.press("slash", "escape")
        await it.press("ctrl+r")
        await it.see("Queries used before", "landlord")
        await it.press("enter")
        assert it.query.value == "landlord" and it.app.focused is it.query

    play(index, scenario)


def test_a_search_is_saved_used_and_removed(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("landlord")
        await it.press("ctrl+t", "ctrl+s")
        await it.type("my lease")
        await it.see("+ save “landlord” as “my lease”")
        await it.press("enter")
        assert [one.name for one in it.app.memory.now.saved] == ["my lease"]
        await it.press("ctrl+t", "escape", "ctrl+s")
        await it.see("my lease", "landlord  (semantic)")
        await it.press("enter")
        assert it.query.value == "landlord" and it.search.mode is Mode.SEMANTIC
        await it.press("ctrl+s", "ctrl+x")
        assert it.app.memory.now.saved == ()

    play(index, scenario)


def test_more_hits_come_at_the_end_of_the_list(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localsearch.tui.screens.search.FIRST", 2)

    async def scenario(it: Play) -> None:
        await it.find("tenant hotel")
        assert it.results.count == 2
        await it.press("down")
        await it.until(lambda: it.results.count > 2)
        assert it.results.at == 1

    play(index, scenario)


def test_an_index_that_is_damaged_is_told(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir(mode=0o700)
    (tmp_path / "index" / "localsearch.db").write_bytes(b"")

    async def scenario(it: Play) -> None:
        await it.see("localsearch.db is empty", "localsearch doctor --repair")

    play(tmp_path / "index", scenario)


def test_without_the_encoder_words_still_find(own: Path) -> None:
    with Writer(own) as writer:
        writer.put(encoder_folder="/nowhere")

    async def scenario(it: Play) -> None:
        await it.see("Searching by words only")
        await it.type("landlord")
        await it.see("found by words", "words only: no encoder")
        assert "lease.md" in it.names

    play(own, scenario)


def test_the_command_palette_knows_the_commands(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.press("ctrl+p")
        await it.type("histo")
        await it.see("History (^r)", "Clear the history")

    play(index, scenario)


def test_help_shows_keys_and_closes(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.press("f1")
        await it.see("Keys and queries", "Everywhere")
        await it.press("escape")
        await it.see("Type to search")
        await it.find("hotel")
        await it.press("enter", "question_mark")
        await it.see("Keys and queries")

    play(index, scenario)


def test_keys_end_the_program(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.press("ctrl+c")
        await it.until(lambda: not it.app.is_running)

    play(index, scenario)


def test_a_theme_is_remembered(index: Path) -> None:
    async def choose(it: Play) -> None:
        it.app.theme = "localsearch-light"
        await it.pilot.pause()

    async def look(it: Play) -> None:
        assert it.app.theme == "localsearch-light"

    play(index, choose)
    play(index, look)


def test_a_narrow_terminal_shows_the_document_below(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("landlord")
        assert it.reader.region.y > it.results.region.y
        await it.press("f5")
        assert not it.reader.region
        await it.pilot.resize_terminal(120, 40)
        await it.press("f5")
        await it.settled()
        assert it.reader.region.x > it.results.region.x

    play(index, scenario, size=(80, 24))
