"""The threads: what is asked is answered, in which order, and nothing is left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from textual.message import Message

from localsearch import Mode
from localsearch.encoder.onnx import Encoder
from localsearch.tui import messages
from localsearch.tui.lane import Lane
from localsearch.tui.session import Session
from tests.conftest import PATIENCE

Kind = TypeVar("Kind", bound=Message)


class Told:
    """Collects what a session tells."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.then: Callable[[Message], object] = lambda message: None
        """Called with each message by the thread that tells it, which goes on when this is done."""

    def __call__(self, message: Message) -> None:
        self.messages.append(message)
        self.then(message)

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [one for one in self.messages if isinstance(one, kind)]

    def wait(self, kind: type[Kind], fits: Callable[[Kind], bool] = lambda _: True) -> Kind:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for one in self.of(kind):
                if fits(one):
                    return one
            time.sleep(0.005)
        pytest.fail(f"no {kind.__name__} among {self.messages}")


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def session(index: Path, told: Told) -> Iterator[Session]:
    opened = Session(index, told)
    yield opened
    opened.close()


def test_a_lane_drops_what_a_newer_job_replaces() -> None:
    lane, begun, go, done = Lane("test", ("early", "late")), threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        go.wait(PATIENCE)
        done.append("first")

    lane.give("late", first)
    begun.wait(PATIENCE)
    lane.give("late", lambda: done.append("second"))
    finished = threading.Event()
    lane.give("late", lambda: (done.append("third"), finished.set()))
    lane.give("early", lambda: done.append("early"))
    go.set()
    assert finished.wait(PATIENCE)
    assert done == ["first", "early", "third"]
    assert lane.close(PATIENCE)


def test_words_answer_while_the_encoder_loads(session: Session, told: Told) -> None:
    session.open()
    told.wait(messages.Opened)
    number = session.search("landlord", Mode.HYBRID, 10)
    final = told.wait(messages.Found, lambda one: one.number == number and not one.is_draft)
    assert final.mode is Mode.HYBRID and final.hits[0].path.name == "lease.md"
    for draft in told.of(messages.Found):
        assert draft is final or (draft.is_draft and draft.mode is Mode.KEYWORD)


def test_a_search_while_the_encoder_loads_is_answered_twice(
    session: Session, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, load = threading.Event(), Encoder.load
    monkeypatch.setattr(Encoder, "load", lambda *where: (answered.wait(PATIENCE), load(*where))[1])
    session.open()
    told.wait(messages.Opened)
    number = session.search("landlord", Mode.HYBRID, 10)
    draft = told.wait(messages.Found, lambda one: one.number == number)
    assert draft.is_draft and draft.mode is Mode.KEYWORD
    answered.set()
    told.wait(messages.Found, lambda one: one.number == number and not one.is_draft)


def test_what_was_asked_before_is_stale(session: Session) -> None:
    first = session.search("landlord", Mode.KEYWORD, 10)
    second = session.search("hotel", Mode.KEYWORD, 10)
    assert not session.is_current(first) and session.is_current(second)
    session.stop()
    assert not session.is_current(second)


def test_no_index_is_told(tmp_path: Path, told: Told) -> None:
    session = Session(tmp_path / "index", told)
    session.open()
    assert told.wait(messages.NotOpened).error is None
    session.close()


def test_a_run_is_told_of_and_makes_the_index(tmp_path: Path, told: Told, own: Path) -> None:
    session = Session(tmp_path / "new", told)
    session.open()
    told.wait(messages.NotOpened)
    session.add(tmp_path / "documents")
    ended = told.wait(messages.RunEnded)
    assert ended.error is None and ended.report is not None and ended.report.added == 6
    told.wait(messages.StatusRead, lambda one: one.status.files == 6)
    session.search("landlord", Mode.KEYWORD, 10)
    assert told.wait(messages.Found).hits[0].path.name == "lease.md"
    session.close()


def test_a_folder_that_is_not_there_makes_no_index(tmp_path: Path, told: Told) -> None:
    session = Session(tmp_path / "new", told)
    session.add(tmp_path / "nothing")
    assert "does not exist" in str(told.wait(messages.RunEnded).error)
    assert not (tmp_path / "new").exists()
    session.close()


def test_cancelling_keeps_what_was_committed_and_ends_the_workers(
    own: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = own.parent / "documents"
    monkeypatch.setattr("localsearch.ingest.batch.PASSAGES", 4)
    for number in range(60):
        (documents / f"more-{number:02d}.txt").write_text(f"Contract number {number} with the landlord.\n" * 20)
    monkeypatch.setattr("localsearch.tui.run.EVERY", 0.0)
    before = _children()
    session = Session(own, told)
    session.open()
    told.wait(messages.Opened)

    def cancel(message: Message) -> None:
        if isinstance(message, messages.RunProgress) and message.progress.passages_done > 0:
            session.cancel()

    told.then = cancel
    session.update()
    ended = told.wait(messages.RunEnded)
    told.then = lambda message: None
    assert ended.report is None and ended.error is None
    assert not session.running
    assert _children_end(before)
    # one may have been read while the run had committed nothing yet
    kept = told.wait(messages.StatusRead, lambda one: not one.status.complete and one.status.files > 6)
    assert kept.status.files < 66
    session.update()
    told.wait(messages.RunEnded, lambda one: one.report is not None)
    told.wait(messages.StatusRead, lambda one: one.status.complete and one.status.files == 66)
    session.close()


def test_one_run_at_a_time(own: Path, told: Told) -> None:
    session = Session(own, told)
    session.open()
    told.wait(messages.Opened)
    session.running = "Reading documents"
    session.update()
    assert "wait until that is done" in told.wait(messages.Told).text
    session.close()


def _children_end(before: set[int]) -> bool:
    """Whether all processes that this one started since then end; other tests may have some."""
    until = time.monotonic() + PATIENCE
    while _children() - before and time.monotonic() < until:
        time.sleep(0.05)
    return not _children() - before


def _children() -> set[int]:
    """Processes that this one started and that still run."""
    found = set()
    for folder in Path("/proc/self/task").iterdir():
        for number in (folder / "children").read_text().split():
            state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
            found |= {int(number)} if state != "Z" else set()
    return found
