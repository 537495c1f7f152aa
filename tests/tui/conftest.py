"""The application driven by keys, without a terminal: over a few documents, with the tiny encoder."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual import events
from textual._context import active_app
from textual._wait import SLEEP_GRANULARITY
from textual.pilot import Pilot

from localsearch import Index, Mode
from localsearch.tui import places
from localsearch.tui.app import LocalSearchApp, Start
from localsearch.tui.memory import Memory
from localsearch.tui.screens.search import SearchScreen
from localsearch.tui.widgets.query import QueryLine
from localsearch.tui.widgets.reader import Reader
from localsearch.tui.widgets.results import Results
from tests.conftest import PATIENCE, TINY

DOCUMENTS = {
    "lease.md": "# Lease\n\n## Notice\n\nThe tenant tells the landlord three months before moving out.\n\n"
    "## Rent\n\nThe tenant pays the rent to the landlord on the first day of a month.\n",
    "travel.md": "# Travel policy\n\n## Hotels\n\nA hotel room may cost 150 euros a night.\n",
    "notes/hotels.txt": "The hotel in Lyon was full. The hotel in Paris had a room.\n",
    "notes/prices.csv": "article,price,supplier\nbolt,0.20,Smith\nwasher,0.05,Miller\n",
    "日本/契約.txt": "賃貸借契約の解約通知は三か月前までに行う。\n",
    "rtl/עברית.txt": "השוכר מודיע למשכיר שלושה חודשים מראש.\n",
}


@pytest.fixture(autouse=True)
def another_start() -> Iterator[None]:
    """Every test is a start of the program in its own current folder, and what it leaves is collected."""
    places.forget()
    yield
    gc.unfreeze()


async def _all_is_done(min_sleep: float = 0.0, max_sleep: float = 0.0) -> None:
    """Wait until no widget has a message or a call left.

    Textual's own waits until the process uses little processor time, which on a busy machine is the process that is
    waiting for its turn.
    """
    app, rounds = active_app.get(), 0
    await asyncio.sleep(SLEEP_GRANULARITY)  # timers that were due
    while rounds < 2:
        pumps = [app, *app._registry]
        at_work = any(pump.message_queue_size or pump._next_callbacks for pump in pumps)
        rounds = 0 if at_work else rounds + 1
        await asyncio.sleep(SLEEP_GRANULARITY / 10)


@pytest.fixture(autouse=True)
def on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and pauses wait for what they set off, not for a processor that rests."""
    monkeypatch.setattr("textual.app.wait_for_idle", _all_is_done)
    monkeypatch.setattr("textual.pilot.wait_for_idle", _all_is_done)


@dataclass
class Play:
    """A running application, and ways to wait for it."""

    app: LocalSearchApp
    pilot: Pilot[None]

    @property
    def search(self) -> SearchScreen:
        return self.app.search_screen

    @property
    def results(self) -> Results:
        return self.search.query_one(Results)

    @property
    def reader(self) -> Reader:
        return self.search.query_one(Reader)

    @property
    def query(self) -> QueryLine:
        return self.search.query_one(QueryLine)

    @property
    def names(self) -> list[str]:
        """File names of the hits."""
        return [hit.path.name for hit in self.results.hits]

    def screen(self) -> str:
        """What is on the screen, as text."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        clock = asyncio.get_running_loop().time
        end = clock() + PATIENCE
        while not condition():
            if clock() > end:
                pytest.fail(f"{what or 'the condition'} never came; the screen:\n{self.screen().strip()}")
            await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def see(self, *texts: str) -> str:
        """Wait until all texts are on the screen; the screen."""
        for text in texts:
            await self.until(lambda text=text: text in self.screen(), repr(text))
        return self.screen()

    async def press(self, *keys: str) -> None:
        """Press keys; after F2 wait for the other screen, as a person would."""
        for key in keys:
            before = self.app.screen
            await self.pilot.press(key)
            if key == "f2":
                await self.until(lambda before=before: self.app.screen is not before, "the other screen")
                await self.until(lambda: self.app.screen.focused is not None, "its focus")
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Keys come faster than the application looks at them, as with a fast typist on a slow line."""
        for character in text:
            self.app.post_message(events.Key("space" if character == " " else character, character))
        await self.pilot.pause()

    async def find(self, text: str) -> None:
        """Type a query and wait for its final answer."""
        await self.type(text)
        await self.settled()

    async def settled(self) -> None:
        """Wait until the hits are those of the text that stands there, and their document is shown."""

        def is_settled() -> bool:
            found, session = self.search.found, self.app.session
            return (
                found is not None
                and session.is_current(found.number)
                and not found.is_draft
                and self.search.asked_text == self.query.value
                and (not found.hits or self.reader.preview.passage == self.reader.passage != 0)
                and (not found.hits or self.reader.preview.sheet is not None)
            )

        await self.until(is_settled, "an answer")

    async def ready(self) -> None:
        """Wait for the encoder."""
        await self.until(lambda: self.app.session.by_meaning, "the encoder")


Scenario = Callable[[Play], Awaitable[None]]


def play(
    folder: Path,
    scenario: Scenario,
    *,
    text: str = "",
    mode: Mode = Mode.HYBRID,
    size: tuple[int, int] = (120, 40),
) -> None:
    """Run the application over an index and a scenario with it."""

    async def run() -> None:
        app = LocalSearchApp(Start(folder, text, mode), memory=Memory())
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                await scenario(Play(app, pilot))
        finally:
            app.session.close()

    asyncio.run(run())


def write_documents(folder: Path) -> Path:
    for name, text in DOCUMENTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def make_index(folder: Path) -> Path:
    """An index of the documents, in a new folder below `folder`."""
    documents = write_documents(folder / "documents")
    with Index.create(folder / "index", encoder=TINY) as index:
        index.add(documents, workers=1)
    return folder / "index"


@pytest.fixture(scope="session")
def _index_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_index(tmp_path_factory.mktemp("tui"))


@pytest.fixture
def index(_index_once: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index that all tests share: only for those that change nothing."""
    monkeypatch.chdir(_index_once.parent)
    return _index_once


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index to be changed."""
    monkeypatch.setenv("LOCALSEARCH_ENCODER", str(TINY))
    monkeypatch.chdir(tmp_path)
    return make_index(tmp_path)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """Makes programs that write their arguments into a file, one a line; PATH holds nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def make(name: str) -> Path:
        told = tmp_path / f"{name}.told"
        program = folder / name
        program.write_text(
            f'#!/bin/sh\nfor one in "$@"; do printf "%s\\n" "$one"; done > {told}.part\n/bin/mv {told}.part {told}\n'
        )
        program.chmod(0o755)
        return told

    yield make
