"""The pool: many threads, workers that come and go, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localsearch.ingest.parse.limits import Limits
from localsearch.ingest.parse.pool import ParserPool
from localsearch.privacy import WorkerSeal
from tests.conftest import PATIENCE, ROOT
from tests.ingest.parse.conftest import parse_bytes

STUB = "tests.ingest.parse.misbehaving"


def workers_of(pool: ParserPool) -> set[int]:
    return {worker._process.pid for worker in pool._started}


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return False
    return state not in "ZX"


def wait_until_gone(process: int) -> bool:
    end = time.monotonic() + PATIENCE
    while is_alive(process) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_alive(process)


def test_workers_start_when_needed_and_end_with_the_pool() -> None:
    with ParserPool(2) as pool:
        assert pool.seal is None
        assert not workers_of(pool)
        assert parse_bytes(pool, b"Tide tables for May", "a.txt").documents[0].text == "Tide tables for May"
        (worker,) = workers_of(pool)
        assert pool.seal == WorkerSeal(system_calls=True, files=True, limits=True)
    assert not is_alive(worker)


def test_many_threads_share_few_workers() -> None:
    with ParserPool(2) as pool, ThreadPoolExecutor(8) as threads:
        texts = [f"document {number}" for number in range(60)]
        answers = list(threads.map(lambda text: parse_bytes(pool, text.encode(), "a.txt"), texts))
        assert [answer.documents[0].text for answer in answers] == texts
        assert len(workers_of(pool)) <= 2


def test_the_offset_of_the_descriptor_is_neither_used_nor_moved(pool: ParserPool, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("from the beginning")
    with (tmp_path / "a.txt").open("rb") as file:
        file.seek(5)
        assert pool.parse(file.fileno(), "a.txt").documents[0].text == "from the beginning"
        assert file.tell() == 5


def test_a_worker_is_replaced_after_its_share_of_documents() -> None:
    with ParserPool(1, limits=Limits(documents_per_worker=2)) as pool:
        seen = []
        for _ in range(4):
            parse_bytes(pool, b"x", "a.txt")
            seen.append(*workers_of(pool))
        assert seen[0] == seen[1] != seen[2] == seen[3]


def test_a_worker_is_replaced_when_it_keeps_too_much_memory() -> None:
    with ParserPool(1, limits=Limits(resident=1)) as pool:
        parse_bytes(pool, b"x", "a.txt")
        first = workers_of(pool)
        parse_bytes(pool, b"x", "a.txt")
        assert workers_of(pool).isdisjoint(first)


def test_a_worker_that_died_between_documents_costs_nothing() -> None:
    with ParserPool(1) as pool:
        parse_bytes(pool, b"x", "a.txt")
        (worker,) = workers_of(pool)
        os.kill(worker, signal.SIGKILL)
        os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)  # all its threads have ended; the pool can see it
        assert parse_bytes(pool, b"still read", "a.txt").documents[0].text == "still read"


def test_ctrl_c_does_not_reach_workers() -> None:
    with ParserPool(1) as pool:
        parse_bytes(pool, b"x", "a.txt")
        (worker,) = workers_of(pool)
        assert os.getpgid(worker) != os.getpgid(0)
        os.kill(worker, signal.SIGINT)
        assert parse_bytes(pool, b"still read", "a.txt").documents[0].text == "still read"
        assert workers_of(pool) == {worker}


def test_closing_ends_a_worker_at_work() -> None:
    pool = ParserPool(1, module=STUB)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(parse_bytes(pool, b"x", "sleep")))
    thread.start()
    while not workers_of(pool):
        time.sleep(0.01)
    (worker,) = workers_of(pool)
    pool.close()
    thread.join()
    assert answers[0].reason
    assert not is_alive(worker)
    assert parse_bytes(pool, b"x", "good").reason == "the parser has been closed"


def test_a_closed_pool_keeps_nobody_waiting() -> None:
    pool, answers = ParserPool(1, module=STUB), []
    assert parse_bytes(pool, b"x", "good").reason == "fine"
    pool.close()
    thread = threading.Thread(target=lambda: answers.append(parse_bytes(pool, b"x", "good").reason), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert answers == ["the parser has been closed"]
    pool.close()


def test_an_interruption_ends_the_worker_and_leaves_the_pool_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    with ParserPool(1) as pool:
        parse_bytes(pool, b"x", "a.txt")
        (worker,) = workers_of(pool)
        with monkeypatch.context() as patch:
            patch.setattr("localsearch.ingest.parse.protocol.decode", _interrupt)
            with pytest.raises(KeyboardInterrupt):
                parse_bytes(pool, b"x", "a.txt")
        assert not is_alive(worker)
        assert parse_bytes(pool, b"again", "a.txt").documents[0].text == "again"


def _interrupt(_: bytes) -> None:
    raise KeyboardInterrupt


BUSY_PARENT = """
import os, signal, threading, time
from localsearch.ingest.parse.pool import ParserPool
from tests.ingest.parse.conftest import parse_bytes

pool = ParserPool(1, module="tests.ingest.parse.sleeping")
threading.Thread(target=parse_bytes, args=(pool, b"x", "a.slow.txt"), daemon=True).start()
while not any(worker.documents for worker in pool._started):
    time.sleep(0.01)
time.sleep(0.2)
print(*(worker._process.pid for worker in pool._started), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_at_work_die_with_a_parent_that_is_killed() -> None:
    process = subprocess.run([sys.executable, "-c", BUSY_PARENT], capture_output=True, text=True, cwd=ROOT, check=False)
    assert wait_until_gone(int(process.stdout))


def test_parsing_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The PDF library is unpacked into a private folder, and is gone before the first document is read.

    So is the folder of a worker that was killed long ago; one that may be at work now stays.
    """
    for name, age in (("old", 3600), ("young", 0)):
        folder = tmp_path / f"localsearch-parser-{name}"
        (folder / "kreuzberg-pdfium").mkdir(parents=True)
        os.utime(folder, (time.time() - age,) * 2)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with ParserPool(1) as pool:
        parse_bytes(pool, b"x", "a.txt")
        assert list(tmp_path.iterdir()) == [tmp_path / "localsearch-parser-young"]


def test_descriptors_are_given_back() -> None:
    with ParserPool(1, limits=Limits(documents_per_worker=1)) as pool:
        parse_bytes(pool, b"x", "a.txt")
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            parse_bytes(pool, b"x", "a.txt")
        assert len(os.listdir("/proc/self/fd")) == before
