"""kill -9, a full disk and I/O errors at any moment: the index opens, and the next run completes it."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from localsearch.errors import IndexNotFound
from localsearch.store.folder import check_index
from tests.crash import driver
from tests.crash.contents import check_invariants, contents
from tests.crash.moments import killed_after, undisturbed

DRIVER = Path(driver.__file__)
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


def command(action: str, index: Path, path: Path) -> list[str]:
    return [sys.executable, str(DRIVER), action, str(index), str(path)]


def drive(action: str, index: Path, path: Path) -> None:
    subprocess.run(command(action, index, path), check=True)


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


def traced(arguments: list[str], action: str, index: Path, path: Path, log: Path) -> tuple[str, int]:
    """Run under strace; what it wrote, and the exit code."""
    command_line = ["strace", "-f", "-qq", "-o", str(log), *arguments, *command(action, index, path)]
    result = subprocess.run(command_line, capture_output=True, check=False)
    return log.read_text(errors="replace"), result.returncode


def moments(call: str, documents: Path, folder: Path, most: int | None) -> list[int]:
    """Which of the calls of an undisturbed run to disturb: the first, the last and some between; all for None."""
    log, _ = traced(["-e", f"trace={call}"], "add", folder / "count", documents, folder / "log")
    total = sum(f" {call}(" in line for line in log.splitlines())
    assert total, f"{call} never happens: the test would test nothing"
    if most is None or total <= most:
        return list(range(1, total + 1))
    return sorted({round(1 + place * (total - 1) / (most - 1)) for place in range(most)})


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
    for number in moments(call, documents, tmp_path, most):
        index = tmp_path / f"index{number}"
        arguments = ["-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={number}"]
        log, code = traced(arguments, "add", index, documents, tmp_path / "log")
        happened += "(INJECTED)" in log or "killed by SIGKILL" in log
        assert code in codes, f"{fault} at {call} {number} ended with {code}"
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
    disturb(call, "signal=KILL", documents, fresh, tmp_path, most=SAMPLE, codes=KILLED)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("call", WRITES)
def test_kill_at_every_system_call(call: str, documents: Path, fresh: list[tuple[object, ...]], tmp_path: Path) -> None:
    disturb(call, "signal=KILL", documents, fresh, tmp_path, most=None, codes=KILLED)


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
