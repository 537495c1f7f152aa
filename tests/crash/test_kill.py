"""kill -9, a full disk and I/O errors at any moment: the index opens, and the next run completes it."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from localsearch.errors import IndexNotFound
from localsearch.store.folder import check_index
from tests.crash.contents import check_invariants, contents
from tests.crash.faults import KILL, command, count_calls, disturbed, drive, sample
from tests.crash.moments import killed_after, undisturbed

WRITES = ("pwrite64", "write", "fsync", "rename", "mkdir")
FAILURES = (("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("fsync", "EIO"), ("rename", "ENOSPC"))


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    for number in range(24):
        lines = [
            f"Document {number}, part {part}: the harbour office opens at {part}." for part in range(number % 5 + 1)
        ]
        (folder / f"{number:02}.md").write_text(
            "\n\n".join(f"# Part {part}\n\n{line * 6}" for part, line in enumerate(lines))
        )
    return folder


@pytest.fixture(scope="module")
def fresh(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """What an undisturbed run stores."""
    index = tmp_path_factory.mktemp("fresh") / "index"
    drive("add", index, documents)
    return contents(index)


def exists(index: Path) -> bool:
    try:
        check_index(index)
    except IndexNotFound:
        return False
    return True


def kill_at_random(index: Path, documents: Path, times: int, seed: int) -> int:
    """Kill runs on one index, each a little later than it takes to get going; how many died in the middle."""
    chance = random.Random(seed)
    whole = undisturbed(command("add", index, documents))
    shutil.rmtree(index)
    killed = 0
    for number in range(times):
        if number % 5 == 0:
            shutil.rmtree(index, ignore_errors=True)
        killed += killed_after(command("add", index, documents), chance.uniform(0.1, 1.0) * whole)
        if exists(index):
            check_invariants(index)
    return killed


def test_fifty_random_kills_lose_nothing(documents: Path, fresh: list[tuple[object, ...]], tmp_path: Path) -> None:
    index = tmp_path / "index"
    assert kill_at_random(index, documents, 50, seed=7) >= 20, "the kills must hit the run"
    drive("add", index, documents)
    assert contents(index) == fresh


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_five_hundred_random_kills_lose_nothing(
    documents: Path, fresh: list[tuple[object, ...]], tmp_path: Path
) -> None:
    index = tmp_path / "index"
    kill_at_random(index, documents, 500, seed=11)
    drive("add", index, documents)
    assert contents(index) == fresh


# Faults at system calls


def disturb(
    call: str,
    fault: str,
    documents: Path,
    fresh: list[tuple[object, ...]],
    tmp_path: Path,
    *,
    most: int | None,
    codes: tuple[int, ...],
) -> None:
    """Inject the fault at chosen moments; afterwards the index opens and the next run completes it."""
    happened = 0
    total = count_calls(call, "add", tmp_path / "count", documents, tmp_path / "log")
    for number in sample(total, most):
        index = tmp_path / f"index{number}"
        outcome = disturbed(call, fault, str(number), "add", index, documents, tmp_path / "log")
        happened += outcome.happened
        assert outcome.code in codes, f"{fault} at {call} {number} ended with {outcome.code}"
        if exists(index):
            check_invariants(index)
        drive("add", index, documents)
        assert contents(index) == fresh, f"{fault} at {call} {number}"
        assert not list(index.glob(".new-*")) + list(index.glob("*.new")), "nothing is left behind"
        shutil.rmtree(index)
    assert happened, f"{fault} at {call} never happened"


SAMPLE = 5
KILLED = (-9, 137, 0, 4)
"""A kill may hit a worker (the run goes on or says so) or the run itself."""


@pytest.mark.program("strace")
@pytest.mark.parametrize("call", WRITES)
def test_kill_at_system_calls(call: str, documents: Path, fresh: list[tuple[object, ...]], tmp_path: Path) -> None:
    disturb(call, KILL, documents, fresh, tmp_path, most=SAMPLE, codes=KILLED)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("call", WRITES)
def test_kill_at_every_system_call(call: str, documents: Path, fresh: list[tuple[object, ...]], tmp_path: Path) -> None:
    disturb(call, KILL, documents, fresh, tmp_path, most=None, codes=KILLED)


@pytest.mark.program("strace")
@pytest.mark.parametrize(("call", "error"), FAILURES)
def test_failing_system_calls_end_with_the_disk_code(
    call: str, error: str, documents: Path, fresh: list[tuple[object, ...]], tmp_path: Path
) -> None:
    disturb(call, f"error={error}", documents, fresh, tmp_path, most=SAMPLE, codes=(0, 4))


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("call", "error"), FAILURES)
def test_every_failing_system_call_ends_with_the_disk_code(
    call: str, error: str, documents: Path, fresh: list[tuple[object, ...]], tmp_path: Path
) -> None:
    disturb(call, f"error={error}", documents, fresh, tmp_path, most=None, codes=(0, 4))
