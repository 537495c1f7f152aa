"""Makes the pictures in docs/screens/ from the application over the sample documents: `make screens`."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from localsearch import Index, Mode
from localsearch.tui.app import LocalSearchApp, Start
from localsearch.tui.memory import Memory
from tests.conftest import ROOT
from tests.tui.conftest import Play
from tests.tui.picture import SAMPLE, picture

QUESTION = "What may a hotel room in London cost at most?"


async def search(it: Play) -> None:
    await _asked(it)


async def why(it: Play) -> None:
    await _asked(it)
    await it.press("enter", "w")
    await it.see("Why number 1")


async def narrow(it: Play) -> None:
    await _asked(it)


async def light(it: Play) -> None:
    await _asked(it)
    await it.press("enter")


async def filters(it: Play) -> None:
    await it.ready()
    await it.find("price list type:xlsx")
    await it.press("ctrl+f")
    await it.type("folder")
    await it.pilot.pause(0.5)


async def index(it: Play) -> None:
    await it.ready()
    await it.press("f2")
    await it.see("nothing to mend")
    status = it.app.status
    assert status is not None
    it.app.status = replace(status, folder=ROOT / "index")
    it.app.screen.status_changed()  # type: ignore[attr-defined]


async def _asked(it: Play) -> None:
    await it.ready()
    await it.find(QUESTION)
    await it.see("Answer ")
    await it.until(lambda: it.reader.hit is not None and it.reader.hit.best is not None)
    await it.settled()


Step = Callable[[Play], Awaitable[None]]
SCREENS: dict[str, tuple[Step, tuple[int, int], str]] = {
    "search": (search, (120, 36), "localsearch-dark"),
    "why": (why, (120, 36), "localsearch-dark"),
    "narrow": (narrow, (80, 24), "localsearch-dark"),
    "light": (light, (120, 36), "localsearch-light"),
    "filters": (filters, (100, 28), "localsearch-dark"),
    "index": (index, (100, 24), "localsearch-dark"),
}


async def _make(name: str, folder: Path, memory: Path) -> None:
    step, size, theme = SCREENS[name]
    app = LocalSearchApp(Start(folder, "", Mode.HYBRID), memory=Memory(memory))
    app.theme = theme
    try:
        async with app.run_test(size=size) as pilot:
            it = Play(app, pilot)
            await step(it)
            it.query.cursor_blink = False
            await pilot.pause(0.3)
            (ROOT / "docs" / "screens" / f"{name}.svg").write_text(picture(app), encoding="utf-8")
    finally:
        app.session.close()


def main() -> None:
    os.chdir(ROOT)
    (ROOT / "docs" / "screens").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        with Index.create(Path(folder) / "index") as made:
            made.add(SAMPLE)
        for name in SCREENS:
            asyncio.run(_make(name, Path(folder) / "index", Path(folder) / "tui.json"))
            print(f"docs/screens/{name}.svg")


if __name__ == "__main__":
    main()
