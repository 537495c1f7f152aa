"""The screens over the sample documents look as the stored pictures do.

After an intended change: `LOCALSEARCH_SNAPSHOTS=write pytest tests/tui/test_screens.py`, and look at the pictures.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from localsearch import Index, Mode
from tests.conftest import ROOT
from tests.tui.conftest import Play, play
from tests.tui.picture import SAMPLE, drawn, lines, picture, stored

FOLDERS = ("policies", "contracts", "international")
QUESTION = "What may a hotel room in London cost at most?"
SMALL, LARGE = (80, 24), (120, 40)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of the sample documents, through the encoder that ships."""
    folder = tmp_path_factory.mktemp("sample") / "index"
    with Index.create(folder) as index:
        index.add(*(SAMPLE / name for name in FOLDERS))
    return folder


@pytest.fixture(autouse=True)
def from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are shown as seen from the project's folder, on any machine."""
    monkeypatch.chdir(ROOT)


@pytest.fixture
def without_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Confidences differ in the last digit between processors."""
    monkeypatch.setattr("localsearch.tui.screens.search.PAUSE", 1000.0)


async def welcome(it: Play) -> None:
    await it.see("Type to search")
    await it.ready()
    await it.until(lambda: it.app.status is not None)


async def searched(it: Play) -> None:
    await welcome(it)
    await it.find("hotel room London")
    await it.until(lambda: it.reader.hit is not None and it.reader.hit.best is not None)
    await it.settled()


async def table_read(it: Play) -> None:
    await welcome(it)
    await it.find('"highest price"')
    await it.press("enter")
    await it.until(lambda: it.reader.hit is not None and it.reader.hit.best is not None)


async def filtered(it: Play) -> None:
    await searched(it)
    await it.find(" type:pdf")
    await it.until(lambda: it.reader.hit is not None and it.reader.hit.best is not None)
    await it.press("ctrl+f")
    await it.type("type")
    await it.see("type docx")


async def nothing(it: Play) -> None:
    await welcome(it)
    await it.type("zzyzx type:pdf")
    await it.see("Nothing found")


async def index_shown(it: Play) -> None:
    await welcome(it)
    await it.press("f2")
    await it.see("nothing to mend")
    await it.pilot.pause(0.2)
    status = it.app.status
    assert status is not None
    it.app.status = replace(status, folder=ROOT / "index", bytes=1_234_567, updated=None)
    it.app.screen.status_changed()  # type: ignore[attr-defined]
    await it.see("1.2 MB")


async def helped(it: Play) -> None:
    await welcome(it)
    await it.press("f1")
    await it.see("Keys and queries")


SCREENS: dict[str, Callable[[Play], object]] = {
    "welcome": welcome,
    "search": searched,
    "table": table_read,
    "filter": filtered,
    "nothing": nothing,
    "index": index_shown,
    "help": helped,
}


@pytest.mark.usefixtures("without_answers")
@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_looks_as_stored(name: str, size: tuple[int, int], sample: Path, tmp_path: Path) -> None:
    file = stored(f"{name}-{size[0]}x{size[1]}")

    async def scenario(it: Play) -> None:
        await SCREENS[name](it)  # type: ignore[misc]
        it.query.cursor_blink = False
        await it.pilot.pause(0.1)
        svg = picture(it.app)
        assert str(ROOT) not in svg and str(sample) not in svg
        if os.environ.get("LOCALSEARCH_SNAPSHOTS") == "write":
            file.parent.mkdir(exist_ok=True)
            file.write_text(svg, encoding="utf-8")
        expected = file.read_text(encoding="utf-8")
        assert lines(svg) == lines(expected)
        assert drawn(svg) == drawn(expected)

    play(sample, scenario, mode=Mode.KEYWORD, size=size)


def test_an_answer_stands_above_the_hits(sample: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.ready()
        await it.find(QUESTION)
        await it.see("Answer ", "London £185", "travel-policy.pdf, p. 2", "sure")
        await it.press("down", "down", "f6")
        assert it.results.at == 0
        await it.press("escape")
        await it.until(lambda: "Answer " not in it.screen())

    play(sample, scenario)


def test_a_spelling_is_suggested_and_taken_by_a_key_alone(sample: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("brekfast London ")
        await it.see("Did you mean “breakfast” for “brekfast”?", "F7 takes it")
        assert it.query.value == "brekfast London "
        await it.press("f7")
        assert it.query.value == "breakfast London"

    play(sample, scenario, mode=Mode.KEYWORD)


def test_more_like_a_hit_and_back(sample: Path) -> None:
    async def scenario(it: Play) -> None:
        await it.find("hotel London")
        document = it.names[0]
        await it.press("enter", "m")
        await it.see(f"like sample_docs/policies/{document}")
        assert document not in it.names and it.names
        await it.press("slash")
        await it.until(lambda: it.names[:1] == [document])

    play(sample, scenario, mode=Mode.KEYWORD)
