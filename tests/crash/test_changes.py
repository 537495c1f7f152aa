"""A kill, a full disk or an I/O error while the encoder is changed, the FAISS file made anew, the format migrated."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from localsearch import Index
from tests.conftest import ROOT, TINY
from tests.crash.contents import check_invariants, contents
from tests.crash.faults import KILL, count_calls, disturbed, drive, sample

ACTIONS = ("use", "rebuild", "migrate")
FAULTS = (
    ("pwrite64", KILL),
    ("pwrite64", "error=ENOSPC"),
    ("pwrite64", "error=EIO"),
    ("write", KILL),
    ("write", "error=ENOSPC"),
    ("fsync", KILL),
    ("fsync", "error=EIO"),
    ("rename", KILL),
    ("rename", "error=ENOSPC"),
    ("unlink", KILL),
)


SAMPLED = (("pwrite64", KILL, 3), ("pwrite64", "error=ENOSPC", 2), ("fsync", "error=EIO", 1), ("rename", KILL, 1))
"""Of these so many calls in the ordinary suite."""


@dataclass(frozen=True)
class Change:
    """An action with an index before it, and what it leaves when nothing disturbs it."""

    action: str
    path: Path
    before: Path
    after: list[tuple[object, ...]]


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Change]:
    """Each made when it is first asked for."""
    folder = tmp_path_factory.mktemp("changes")
    documents = folder / "documents"
    documents.mkdir()
    for number in range(30):
        (documents / f"report{number}.md").write_text(f"# Harbour {number}\n\nThe office opens at {number}. " * 3)
    with Index.create(folder / "index", encoder=TINY) as index:
        index.add(documents, workers=1)
    second = folder / "second"
    shutil.copytree(TINY, second)
    card = json.loads((second / "card.json").read_text())
    (second / "card.json").write_text(json.dumps(card | {"passage_prefix": "passage: ", "name": "second"}))
    shutil.copytree(ROOT / "tests" / "data" / "formats" / "1", folder / "old")
    (folder / "old").chmod(0o700)
    made: dict[str, Change] = {}

    def change(action: str) -> Change:
        if action not in made:
            before = folder / ("old" if action == "migrate" else "index")
            shutil.copytree(before, folder / action)
            drive(action, folder / action, second)
            made[action] = Change(action, second, before, contents(folder / action))
        return made[action]

    return change


def disturb(change: Change, call: str, fault: str, folder: Path, *, most: int | None) -> int:
    """Inject the fault at some calls; afterwards the index opens and the same again completes it. How many it hit."""
    log, index = folder / "log", folder / "index"
    shutil.copytree(change.before, index)
    total = count_calls(call, change.action, index, change.path, log)
    shutil.rmtree(index)
    hit = 0
    for number in sample(total, most):
        shutil.copytree(change.before, index)
        outcome = disturbed(call, fault, str(number), change.action, index, change.path, log)
        what = f"{fault} at {call} {number} of {total}: {outcome.code} {outcome.said}"
        hit += outcome.happened
        assert outcome.code in ((-9, 137) if fault == KILL else (0, 4)), what
        check_invariants(index, encoder=TINY if change.action == "migrate" else None)
        drive(change.action, index, change.path)
        assert contents(index) == change.after, what
        assert not list(index.glob("*.new")), what
        shutil.rmtree(index)
    return hit


@pytest.mark.program("strace")
@pytest.mark.parametrize("action", ACTIONS)
def test_a_fault_while_an_index_is_changed(action: str, changes: Callable[[str], Change], tmp_path: Path) -> None:
    hit = [disturb(changes(action), *fault, tmp_path, most=most) for *fault, most in SAMPLED]
    assert hit[:2] == [3, 2], "the faults must hit the run"


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("call", "fault"), FAULTS)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_fault_at_every_call_while_an_index_is_changed(
    action: str, call: str, fault: str, changes: Callable[[str], Change], tmp_path: Path
) -> None:
    print(f"{action}: {fault} at {disturb(changes(action), call, fault, tmp_path, most=None)} calls of {call}")
