"""The document around the hit: shown, marked, jumped through, explained."""

from __future__ import annotations

from pathlib import Path

from localsearch import Index, Mode
from localsearch.tui.text import Mark, plain
from tests.conftest import TINY
from tests.tui.conftest import Play, play


def long_index(folder: Path) -> Path:
    """One document of many pages; every 100th paragraph speaks of a heron."""
    paragraphs = [
        f"## Part {number}\n\n" + ("A heron stands here. " if number % 100 == 50 else "") + "Water flows. " * 40
        for number in range(400)
    ]
    documents = folder / "documents"
    documents.mkdir()
    (documents / "river.md").write_text("# River\n\n" + "\n\n".join(paragraphs))
    with Index.create(folder / "index", encoder=TINY) as index:
        index.add(documents, workers=1)
    return folder / "index"


def test_the_document_is_shown_around_the_hit(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("landlord")
        screen = await it.see("documents/lease.md", "first day of a month")
        assert "Notice" in screen and "moving out" in screen  # what stands before and after
        sheet = it.reader.preview.sheet
        assert sheet is not None
        marks = [text for line in sheet.lines for text, mark in line if mark & Mark.MATCH]
        assert marks == ["landlord", "landlord"]

    play(index, scenario)


def test_matches_are_jumped_to_and_around_the_end(tmp_path: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("heron")
        await it.until(lambda: it.reader._stops, "the matches in the whole document")
        seen = []
        for _ in range(5):
            await it.see("heron", f"of {len(it.reader._stops)}")
            sheet = it.reader.preview.sheet
            assert sheet is not None
            at = it.reader.preview.scroll_offset.y
            shown = "\n".join(plain(line) for line in sheet.lines[at : at + it.reader.preview.size.height])
            assert "heron" in shown
            seen.append(it.reader.passage)
            await it.press("f3")
            await it.until(lambda: it.reader.preview.passage == it.reader.passage)
        assert seen[0] == seen[4] and len(set(seen[:4])) == 4
        await it.press("shift+f3")
        await it.until(lambda: it.reader.passage == seen[4])

    play(long_index(tmp_path), scenario, mode=Mode.KEYWORD)


def test_the_document_is_scrolled_while_typing(tmp_path: Path) -> None:
    async def scenario(it: Play) -> None:
        def top() -> int:
            """The passage on top; lines are laid out anew near an edge, so their numbers say nothing."""
            return it.reader.preview.owner_at(it.reader.preview.scroll_offset.y)[0]

        await it.find("heron")
        await it.until(lambda: it.reader._stops, "the matches in the whole document")
        before = top()
        await it.press("pagedown")
        await it.until(lambda: top() > before, "the next page")
        await it.until(lambda: it.reader.hit is not None and it.reader.hit.why.explanation, "the explanation")
        assert top() > before
        await it.press("pageup")
        await it.until(lambda: abs(top() - before) <= 1, "the page before")
        assert it.app.focused is it.query

    play(long_index(tmp_path), scenario, mode=Mode.KEYWORD)


def test_a_long_document_is_read_to_its_ends(tmp_path: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("heron")
        preview = it.reader.preview
        await it.press("enter", "tab")
        for key, wanted in (("end", "Part 399"), ("home", "Part 0")):
            await it.press(key)
            await it.until(lambda wanted=wanted: wanted in it.screen(), wanted)
        assert preview.sheet is not None and preview.sheet.earlier == 0
        for _ in range(3):  # what comes after is laid out when it is reached
            sheet, top = preview.sheet, plain(preview.sheet.lines[-preview.size.height])
            preview.scroll_to(y=len(sheet.lines), animate=False)
            await it.until(lambda sheet=sheet: preview.sheet is not sheet, "what comes after")
            assert plain(preview.sheet.lines[preview.scroll_offset.y]) == top
        assert preview.sheet.earlier > 0

    play(long_index(tmp_path), scenario, mode=Mode.KEYWORD)


def test_why_tells_meaning_words_and_sentences(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.ready()
        await it.find("landlord tenant")
        await it.press("f4")
        await it.see("Why number 1", "similarity", "tenant, landlord", "number 1 by words")
        await it.until(lambda: it.reader.hit is not None and it.reader.hit.best, "an explanation")
        await it.press("f4")
        await it.until(lambda: "Why number" not in it.screen())

    play(index, scenario)


def test_a_table_stands_in_columns(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("washer")
        await it.see("article │ price │ supplier", "washer  │ 0.05  │ Miller")

    play(index, scenario, mode=Mode.KEYWORD)


def test_wide_characters_keep_the_columns(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("解約通知")
        strips = it.app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {120}
        await it.see("賃貸借契約の解約通知は三か月前までに行う。")

    play(index, scenario, mode=Mode.KEYWORD)


def test_right_to_left_text_is_shown_as_stored(index: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("השוכר")
        await it.see("השוכר מודיע למשכיר שלושה חודשים מראש.")
        assert "\u202b" not in it.screen() and "\u2067" not in it.screen()

    play(index, scenario, mode=Mode.KEYWORD)


def test_a_document_that_was_forgotten_meanwhile_is_told(own: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("hotel")
        with Index.open(own) as other:
            other.remove(own.parent / "documents")
        await it.press("down")
        await it.see("holds no text of")

    play(own, scenario, mode=Mode.KEYWORD)
