"""The power fails at any moment: the index opens, holds together, and the next run completes it."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from localsearch import Index, LocalSearchError
from localsearch.store.sqlite import DATABASE
from tests.conftest import TINY
from tests.crash.contents import check_invariants, contents
from tests.crash.faults import command, drive, sample
from tests.crash.powerloss import Disk, Kept, Operation, record

ACTIONS = ("add", "forget", "use", "rebuild")
TOKEN = b"xylquorbant"


@dataclass(frozen=True)
class Recorded:
    """A run on a copy of `before`, and what it leaves."""

    action: str
    path: Path
    before: Path
    after: list[tuple[object, ...]]
    operations: list[Operation]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    for number in range(20):
        (folder / f"{number:02}.md").write_text(f"# Berth {number}\n\nThe pilot boards at buoy {number}.")
    (folder / "letter.md").write_text(f"# Private\n\nThe salary of {TOKEN.decode()} is 91,234 euros.")
    return folder


@pytest.fixture(scope="module")
def runs(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Recorded]:
    """The recorded run of each action, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("runs")
    base = folder / "base"
    with Index.create(base, encoder=TINY) as index:
        index.add(documents, workers=1)
    more = folder / "more"
    more.mkdir()
    for number in range(12):
        (more / f"{number}.md").write_text(f"# Crane {number}\n\nThe crane lifts {number} tons. " * 3)
    second = folder / "second"
    shutil.copytree(TINY, second)
    card = json.loads((second / "card.json").read_text())
    (second / "card.json").write_text(json.dumps(card | {"passage_prefix": "passage: ", "name": "second"}))
    paths = {"add": more, "forget": documents / "letter.md", "use": second, "rebuild": documents}
    made: dict[str, Recorded] = {}

    def run(action: str) -> Recorded:
        if action not in made:
            index = folder / action
            shutil.copytree(base, index)
            operations = record(command(action, index, paths[action]), index, folder / "log")
            made[action] = Recorded(action, paths[action], base, contents(index), operations)
            shutil.rmtree(index)
        return made[action]

    return run


def replay(
    run: Recorded, operations: list[Operation], folder: Path, *, moments: Iterable[int], variants: tuple[Kept, ...]
) -> tuple[int, list[str]]:
    """Lose the power after some of the operations, counted from 1, and after the last.

    How many states were tried, and what was wrong with them.
    """
    chance = random.Random(7)
    wrong: list[str] = []
    states = 0
    recorded = run.before.with_name(run.action)
    shutil.copytree(run.before, recorded)
    wanted = {*moments, len(operations)}
    disk = Disk(recorded)
    for number, one in enumerate(operations, 1):
        disk.play(one)
        if number not in wanted:
            continue
        for kept in variants:
            disk.lose_power(kept, chance, folder)
            states += 1
            try:
                check(run, folder, ended=number == len(operations))
            except (AssertionError, LocalSearchError) as error:
                wrong.append(f"{run.action}, {number} of {len(operations)}, {kept} kept: {error!s:.200}")
    shutil.rmtree(recorded)
    return states, wrong


def check(run: Recorded, index: Path, *, ended: bool) -> None:
    """The index as the disk holds it is whole, and the same run completes it."""
    if ended:
        assert contents(index) == run.after, "what a run that has ended has stored is durable"
    check_invariants(index)
    if run.action == "forget":
        with Index.open(index) as opened:
            if contents(index) != run.after:
                opened.remove(run.path)
        assert holders(index) == [], "nothing of what was forgotten is left"
        assert len(list(index.glob("*.faiss"))) <= 1, "no file holds its vectors"
    elif run.action == "add":
        with Index.open(index) as opened:
            opened.add(run.path, workers=1)
    elif run.action == "use":
        with Index.open(index) as opened:
            opened.use_encoder(run.path)
    else:
        drive("rebuild", index, run.path)
    assert contents(index) == run.after
    check_invariants(index)


def holders(index: Path) -> list[str]:
    """Files that hold something of what was forgotten."""
    return [path.name for path in index.iterdir() if TOKEN in path.read_bytes().lower()]


@pytest.mark.program("strace")
@pytest.mark.parametrize("action", ACTIONS)
def test_power_loss(action: str, runs: Callable[[str], Recorded], tmp_path: Path) -> None:
    run = runs(action)
    moments = sample(len(run.operations), 6)
    states, wrong = replay(run, run.operations, tmp_path / "index", moments=moments, variants=(Kept.NOTHING, Kept.SOME))
    assert states >= 10
    assert wrong == []


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("action", ACTIONS)
def test_power_loss_at_every_call(action: str, runs: Callable[[str], Recorded], tmp_path: Path) -> None:
    run = runs(action)
    moments = range(1, len(run.operations) + 1)
    variants = (*Kept, Kept.SOME, Kept.SOME)
    states, wrong = replay(run, run.operations, tmp_path / "index", moments=moments, variants=variants)
    print(f"{action}: {len(run.operations)} calls, {states} states, {len(wrong)} wrong")
    assert wrong == []


@pytest.mark.program("strace")
def test_a_missing_fsync_is_noticed(runs: Callable[[str], Recorded], tmp_path: Path) -> None:
    run = runs("forget")
    unsynced = [one for one in run.operations if one.call != "sync"]
    moments = sample(len(unsynced), 4)
    _, wrong = replay(run, unsynced, tmp_path / "index", moments=moments, variants=(Kept.NOTHING, Kept.SOME))
    assert any("durable" in one for one in wrong)
    assert len(wrong) >= 2, "torn states as well"


@pytest.mark.program("strace")
def test_the_mark_does_not_go_before_what_was_erased(runs: Callable[[str], Recorded], tmp_path: Path) -> None:
    """Zeros over copies of the text, and the removal of the FAISS file, are durable before the mark is dropped."""
    run = runs("forget")
    before, index = tmp_path / "before", tmp_path / run.action
    shutil.copytree(run.before, before)
    plant(before / DATABASE)
    shutil.copytree(before, index)
    operations = record(command(run.action, index, run.path), index, tmp_path / "log")
    shutil.rmtree(index)
    erased = max(
        number
        for number, one in enumerate(operations, 1)
        if one.call == "write" and one.path.endswith(DATABASE) and len(one.data) < 4096
    )
    planted = Recorded(run.action, run.path, before, run.after, operations)
    moments = range(erased, erased + 16)
    states, wrong = replay(planted, operations, tmp_path / "index", moments=moments, variants=(Kept.NOTHING,))
    assert states == 17
    assert wrong == []


def plant(database: Path) -> None:
    """Put copies of the text where no cell of a page is, as SQLite may have left them."""
    content = bytearray(database.read_bytes())
    planted = 0
    for start in range(4096, len(content), 4096):
        cells = int.from_bytes(content[start + 3 : start + 5], "big")
        first, last = start + 12 + 2 * cells, start + int.from_bytes(content[start + 5 : start + 7], "big")
        if content[start] in (2, 5, 10, 13) and last - first > 2 * len(TOKEN):
            content[first : first + len(TOKEN)] = TOKEN
            planted += 1
    assert planted > 5
    database.write_bytes(content)
