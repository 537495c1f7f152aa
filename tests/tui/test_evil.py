"""What documents, names, queries and messages bring along never acts on the terminal, and is never read as markup."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual import events

from localsearch import Index, Mode
from localsearch.display import display
from localsearch.tui.text import Mark, first_lines, lines_of, marked, one_line, plain, wrap
from localsearch.tui.widgets.query import typable
from tests.conftest import TINY
from tests.evil import EVIL, SEQUENCES
from tests.tui.conftest import Play, play

MARKUP = "[bold red]pelican[/] [@click=app.quit]quit[/] [link=file:///etc/passwd]x[/link] \\[ $( [/"
NAMES = [
    "\x1b]0;owned\x07pelican.txt",
    "a\nb\x1b[2Jpelican.md",
    "[bold]pelican[b] [@click=app.exit].txt",
    "pelican\u202etxt.exe.txt",
    "--pelican;$(touch x)`y`.txt",
]


def is_clean(text: str) -> bool:
    return display(text) == text


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    documents = folder / "documents [red]\x1b[31m"
    documents.mkdir()
    for number, name in enumerate(NAMES):
        text = "".join(f"pelican {one} " for one in SEQUENCES[number :: len(NAMES)])
        (documents / name).write_text(f"# {MARKUP}\n\n{text}\n\n{MARKUP}", encoding="utf-8", errors="surrogatepass")
    (documents / os.fsdecode(b"pelican-\xff\xfe.txt")).write_text(f"A pelican. {MARKUP}")
    (documents / "skipped\x1b[2J[b].txt").write_text("")
    with Index.create(folder / "index", encoder=TINY) as index:
        index.add(documents, workers=1)
    return folder / "index"


def test_no_screen_shows_a_control_character(hostile: Path) -> None:
    async def scenario(it: Play) -> None:
        def check() -> None:
            for strip in it.app.screen._compositor.render_strips():
                assert is_clean(strip.text) and strip.cell_length == 120

        await it.find("pelican")
        assert len(it.names) >= 6
        await it.press("f4")
        for _ in range(len(it.names)):
            await it.press("f3")
            await it.settled()
            check()
            await it.press("down")
            await it.settled()
            check()
        await it.press("ctrl+f")
        await it.see("folder ")
        check()
        await it.press("escape", "enter", "Y")
        await it.see("Select with Shift")
        check()
        await it.press("escape", "f2")
        await it.see("<U+001B>", "Skipped (1)")
        check()
        await it.press("d")
        await it.see("Forget ")
        check()
        await it.press("n", "escape", "slash", "ctrl+r")
        check()
        assert it.app.is_running

    play(hostile, scenario)


def test_markup_in_a_document_is_text(hostile: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("pelican")
        await it.see("[bold red]pelican[/] [@click=app.quit]quit[/]")

    play(hostile, scenario, mode=Mode.KEYWORD)


def test_a_message_with_markup_and_escapes_is_text(hostile: Path) -> None:
    async def scenario(it: Play) -> None:
        it.app.say(f"\x1b[2J{MARKUP}", is_problem=True)
        await it.see("<U+001B>[2J[bold red]pelican[/]")

    play(hostile, scenario)


def test_a_name_that_is_no_unicode_is_opened_by_its_bytes(hostile: Path, tmp_path: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("pelican path:pelican-*")
        assert [os.fsencode(hit.path.name) for hit in it.results.hits] == [b"pelican-\xff\xfe.txt"]
        await it.press("enter", "y")
        await it.see("Copied")

    play(hostile, scenario, mode=Mode.KEYWORD)


@pytest.mark.parametrize("evil", [*SEQUENCES, MARKUP])
def test_a_hostile_query_is_harmless(evil: str) -> None:
    assert is_clean(typable(evil)) and "\n" not in typable(evil)


def test_hostile_text_is_pasted_clean(hostile: Path) -> None:
    async def scenario(it: Play) -> None:
        it.query.post_message(events.Paste(f"pelican\x1b[2J\x07\n{MARKUP}\u202e"))
        await it.until(lambda: it.query.value)
        assert is_clean(it.query.value) and it.query.value.startswith("pelican[2J [bold red]")
        await it.settled()
        assert all(is_clean(strip.text) for strip in it.app.screen._compositor.render_strips())

    play(hostile, scenario)


@pytest.mark.parametrize("width", [1, 7, 40])
def test_every_hostile_string_is_wrapped_clean(width: int) -> None:
    for evil in EVIL:
        text = f"pelican {evil} 信息 " * 3
        line = marked(text, [(3, 9, Mark.MATCH), (5, len(text), Mark.BEST)], multiline=True)
        for part in [
            *(piece for one in lines_of(line) for piece in wrap(one, width)),
            *first_lines(one_line(line), width, 2),
        ]:
            assert is_clean(plain(part))
