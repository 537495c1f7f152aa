"""A kill, a full disk or an I/O error at any call of a repair: nothing is lost, and the same again ends it."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from localsearch import Index
from localsearch.store import exchange
from localsearch.store.sqlite import connect
from localsearch.store.writer import Writer
from tests.conftest import TINY
from tests.crash.contents import check_invariants, contents
from tests.crash.faults import KILL, count_calls, disturbed, drive, sample

FAULTS = tuple(
    (call, fault)
    for call in ("pwrite64", "write", "fsync", "rename", "unlink", "ftruncate")
    for fault in (KILL, "error=ENOSPC")
)
SAMPLED = (("pwrite64", KILL, 2), ("pwrite64", "error=ENOSPC", 2), ("rename", KILL, 1), ("unlink", KILL, 1))
"""Of these so many calls in the ordinary suite."""
TEXT = "The pilot boards at buoy 0."


@dataclass(frozen=True)
class Damaged:
    """A damaged index with a commit that stands in its log alone, and what it says once it is mended."""

    index: Path
    mended: list[tuple[object, ...]]


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Damaged:
    folder = tmp_path_factory.mktemp("repair")
    documents = folder / "documents"
    documents.mkdir()
    for number in range(12):
        (documents / f"{number}.txt").write_text(f"The pilot boards at buoy {number}. " + "Many ships pass. " * 50)
    with Index.create(folder / "sound", encoder=TINY) as index:
        index.add(documents, workers=1)
        (documents / "late.txt").write_text("The late berth has no buoy.")
        with closing(connect(folder / "sound" / "localsearch.db", writable=False)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM files").fetchone()  # keeps the next commits in the log
            index.update(workers=1)
            shutil.copytree(folder / "sound", folder / "damaged")
    (folder / "damaged" / "localsearch.db-shm").unlink()
    assert b"The late berth" not in (folder / "damaged" / "localsearch.db").read_bytes()
    content = bytearray((folder / "damaged" / "localsearch.db").read_bytes())
    content[content.index(TEXT.encode()) + 4] ^= 1
    (folder / "damaged" / "localsearch.db").write_bytes(content)
    shutil.copytree(folder / "damaged", folder / "looked at")
    assert [one for one in Index.examine(folder / "looked at", full=True) if one.damage]
    return Damaged(folder / "damaged", contents(folder / "sound"))


def disturb(damaged: Damaged, call: str, fault: str, folder: Path, *, most: int | None) -> tuple[int, int]:
    """Inject the fault at some calls; afterwards a repair leaves all of it. How many calls there are, and it hit."""
    log, index = folder / "log", folder / "index"
    shutil.copytree(damaged.index, index)
    total = count_calls(call, "repair", index, folder, log)
    assert contents(index) == damaged.mended
    shutil.rmtree(index)
    hit = 0
    for number in sample(total, most):
        shutil.copytree(damaged.index, index)
        outcome = disturbed(call, fault, str(number), "repair", index, folder, log)
        what = f"{fault} at {call} {number} of {total}: {outcome.code} {outcome.said}"
        hit += outcome.happened
        assert outcome.code in ((-9, 137, 0) if fault == KILL else (0, 4)), what  # a kill may hit a parser
        drive("repair", index, folder)
        with Index.open(index) as opened:
            opened.update(workers=1)
        assert contents(index) == damaged.mended, what
        assert not [one for one in Index.examine(index, full=True) if one.damage], what
        check_invariants(index)
        assert not [*index.glob(".new-*"), *index.glob("*.new"), *index.glob("*.ready")], what
        shutil.rmtree(index)
    return total, hit


@pytest.mark.program("strace")
@pytest.mark.parametrize(("call", "fault", "most"), SAMPLED)
def test_a_fault_while_an_index_is_mended(call: str, fault: str, most: int, damaged: Damaged, tmp_path: Path) -> None:
    _, hit = disturb(damaged, call, fault, tmp_path, most=most)
    assert hit == most, "the faults must hit the run"


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("call", "fault"), FAULTS)
def test_a_fault_at_every_call_while_an_index_is_mended(
    call: str, fault: str, damaged: Damaged, tmp_path: Path
) -> None:
    total, hit = disturb(damaged, call, fault, tmp_path, most=None)
    print(f"{fault} hit {hit} of {total} calls of {call}")


def test_the_log_is_not_lost_where_it_cannot_be_copied_back(
    damaged: Damaged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended between removing the log and putting the new database in its place, the next writer goes on."""
    index = tmp_path / "index"
    shutil.copytree(damaged.index, index)
    ended = exchange.finish

    def die(folder: Path) -> None:
        if (folder / exchange.READY).exists():
            for log in exchange.LOGS:
                (folder / log).unlink(missing_ok=True)
            raise KeyboardInterrupt
        ended(folder)

    monkeypatch.setattr("localsearch.store.health.repair._empty_log", lambda folder: None)
    monkeypatch.setattr(exchange, "finish", die)
    with pytest.raises(KeyboardInterrupt):
        Index.repair(index, workers=1)
    monkeypatch.undo()
    assert not (index / "localsearch.db-wal").exists()
    with Writer(index):
        pass
    with Index.open(index) as opened:
        opened.update(workers=1)
    assert contents(index) == damaged.mended
