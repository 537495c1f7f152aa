"""One index, many threads, many processes: descriptors stay constant, forks do not hang, no answer mixes two states."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from localsearch import Index, Mode
from localsearch.store import cache, connections
from localsearch.store.writer import Writer
from tests.conftest import PATIENCE, ROOT, TINY

QUESTION = "When does the harbour office open?"


def write(folder: Path, number: int, version: int) -> None:
    """A file of three passages that all tell its number and version."""
    parts = (
        f"# Part {part}\n\nFile {number} version {version}. " + f"The harbour office of {number} opens. " * 18
        for part in range(3)
    )
    (folder / f"{number}.md").write_text("\n\n".join(parts))


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(8):
        write(folder, number, 0)
    return folder


@pytest.fixture
def index(tmp_path: Path, documents: Path) -> Iterator[Index]:
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(documents, workers=1)
        yield index


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_threads_that_end_leave_no_descriptor(index: Index) -> None:
    def one() -> int:
        thread = threading.Thread(target=lambda: index.search(QUESTION, k=3))
        thread.start()
        thread.join()
        return descriptors()

    one()  # the keyword leg's thread has its connection now
    first = one()
    assert {one() for _ in range(300)} == {first}


def test_many_threads_at_once_leave_as_many_descriptors_each_time(index: Index) -> None:
    together = threading.Barrier(40)

    def one() -> None:
        together.wait(PATIENCE)
        with index._reader.snapshot():
            together.wait(PATIENCE)

    def all_at_once() -> int:
        threads = [threading.Thread(target=one) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return descriptors()

    first = all_at_once()
    assert len(index._reader._connections._idle) == connections.KEPT
    assert {all_at_once() for _ in range(3)} == {first}


FORKS = """
import os, sys, threading
from localsearch import Index, Mode

index = Index.open(sys.argv[1])
expected = [hit.passage for hit in index.search(sys.argv[2])]
stop = threading.Event()

def search():
    while not stop.is_set():
        index.search(sys.argv[2])

def descriptors():
    return len(os.listdir("/proc/self/fd"))

others = [threading.Thread(target=search) for _ in range(int(sys.argv[4]))]
for other in others:
    other.start()
seen = set()
for number in range(int(sys.argv[3])):
    child = os.fork()
    if child == 0:
        for mode in Mode:
            found = [hit.passage for hit in index.search(sys.argv[2], mode=mode)]
            if mode is Mode.HYBRID and found != expected:
                os._exit(3)
        with index._reader.snapshot():
            with open("/proc/locks") as locks:
                mine = [line for line in locks if f" {os.getpid()} " in line]
        os._exit(0 if mine else 4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [hit.passage for hit in index.search(sys.argv[2])] == expected
    if not others:
        seen.add(descriptors())
stop.set()
for other in others:
    other.join()
print(len(seen))
"""


def fork(index: Index, times: int, threads: int) -> str:
    """Fork from a process that searches; every child searches in each mode and holds locks of its own."""
    command = [sys.executable, "-c", FORKS, str(index.folder), QUESTION, str(times), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_children_of_a_process_that_searched_search(index: Index) -> None:
    assert fork(index, 300, threads=0) == "1", "descriptors of the parent stay the same"


def test_a_fork_in_the_middle_of_searches_does_not_hang(index: Index) -> None:
    fork(index, 40, threads=3)


SERVER = """
import multiprocessing, sys
from localsearch import Index

def work(text):
    return [hit.passage for hit in index.search(text)]

index = Index.open(sys.argv[1])
expected = work(sys.argv[2])
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(work, [sys.argv[2]] * 20) == [expected] * 20
"""


def test_a_pool_of_forked_processes_searches(index: Index) -> None:
    command = [sys.executable, "-c", SERVER, str(index.folder), QUESTION]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")


def test_readers_beside_a_writer_see_whole_states(index: Index, documents: Path) -> None:
    """One writer and eight readers: every file that is found has one version, and all of it."""
    done, failures, looked = threading.Event(), [], []

    def read(mode: Mode) -> None:
        while not done.is_set():
            hits = index.search("harbour office", k=24, mode=mode)
            seen: dict[str, set[str]] = {}
            for hit in hits:
                version = re.search(r"File \d+ version (\d+)", hit.text)
                seen.setdefault(hit.path.name, set()).add(version[1] if version else "?")
            with index._reader.snapshot() as connection:
                count = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
                vectors = index._reader.vectors(connection).passages
            if len(hits) != 24 or any(len(versions) != 1 for versions in seen.values()) or count != vectors:
                failures.append((len(hits), seen, count, vectors))
            looked.append(mode)

    def guarded(mode: Mode) -> None:
        try:
            read(mode)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(mode,)) for mode in [*Mode, *Mode, Mode.HYBRID, Mode.HYBRID]]
    for thread in threads:
        thread.start()
    with Index.open(index.folder) as writer:
        for version in range(1, 25):
            write(documents, version % 8, version)
            writer.update(workers=1)
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(looked) == set(Mode)


def test_what_a_commit_left_alone_is_not_loaded_again(index: Index, documents: Path, monkeypatch) -> None:
    with Writer(index.folder) as writer:
        cache.rebuild(writer, index.status().dim)
    index.search(QUESTION)
    checked, read = [], []
    stored = cache.stored_vectors

    def watched(connection, dim, *, after=0):
        for ids, matrix in stored(connection, dim, after=after):
            read.extend(ids.tolist())
            yield ids, matrix

    monkeypatch.setattr(cache, "is_intact", lambda *of: checked.append(of) or True)
    monkeypatch.setattr(cache, "stored_vectors", watched)
    monkeypatch.setattr(cache, "is_due", lambda connection: False)
    for number in (20, 21, 22):
        write(documents, number, 0)
        index.update(workers=1)
        assert f"{number}.md" in {hit.path.name for hit in index.search(f"File {number}", k=33, mode=Mode.SEMANTIC)}
    assert checked == []
    assert len(read) == len(set(read)) == 9, "each new vector once"
    (documents / "21.md").unlink()
    (documents / "3.md").unlink()
    index.update(workers=1)
    found = {hit.path.name for hit in index.search(QUESTION, k=50, mode=Mode.SEMANTIC)}
    assert found == {f"{number}.md" for number in (0, 1, 2, 4, 5, 6, 7, 20, 22)}
    assert len(read) == 9 and checked == []
    with index._reader.snapshot() as connection:
        assert index._reader.vectors(connection).passages == 27


def test_loading_vectors_does_not_hold_up_those_who_have_them(index: Index, documents: Path, monkeypatch) -> None:
    index.search(QUESTION)
    loading, go, load = threading.Event(), threading.Event(), cache.load
    with index._reader.snapshot() as connection:
        assert index._reader.vectors(connection).passages == 24  # the state before the change, from now on
        with Index.open(index.folder) as writer:
            write(documents, 30, 0)
            writer.update(workers=1)

        def slow(*of):
            loading.set()
            assert go.wait(PATIENCE)
            return load(*of)

        monkeypatch.setattr(cache, "load", slow)
        late = threading.Thread(target=lambda: index.search(QUESTION))
        late.start()
        assert loading.wait(PATIENCE)
        assert index._reader.vectors(connection).passages == 24
        assert index._reader.names(connection, [1])
        go.set()
    late.join()


def test_one_thread_searches_the_vectors(index: Index) -> None:
    """Threads that wait for work would take the other leg's core; each calling thread has a setting of its own."""
    import faiss

    seen = []

    def one() -> None:
        index.search(QUESTION, mode=Mode.SEMANTIC)
        seen.append(faiss.omp_get_max_threads())

    faiss.omp_set_num_threads(2)
    for _ in range(2):
        thread = threading.Thread(target=one)
        thread.start()
        thread.join()
    assert seen == [1, 1]


def test_a_closed_index_leaves_no_descriptor(index: Index) -> None:
    def descriptors_after() -> int:
        with Index.open(index.folder) as other:
            other.search(QUESTION)
            with other._reader.snapshot():
                other.close()
        return descriptors()

    first = descriptors_after()  # SQLite keeps some until the other index gives up its locks, and uses them again
    assert {descriptors_after() for _ in range(10)} == {first}
