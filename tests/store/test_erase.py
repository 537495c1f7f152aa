"""Erasing: a mark stands until nothing of what was forgotten is in any file, and whoever comes next goes on."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from localsearch.errors import EraseUnfinished
from localsearch.store import erase, reserve
from localsearch.store.scrub import scrub
from localsearch.store.snapshot import Reader
from localsearch.store.sqlite import DATABASE, sqlite3, transaction
from localsearch.store.writer import Writer
from tests.store.builders import new_index, put, stored


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return new_index(tmp_path / "index")


def files_with(folder: Path, text: str) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes())


def forget(writer: Writer, name: str) -> None:
    erase.remove(writer, f"/documents/{name}".encode(), lambda: None)
    erase.finish(writer)


# The database's unused bytes


def names_that_stay(folder: Path) -> list[str]:
    """Make an index in which SQLite has left names of deleted files; those names, of which nothing should be left.

    It happens in one of six sequences of additions and removals; which ones do is decided by SQLite.
    """
    for seed in range(4, 60):
        chance = random.Random(seed)
        index = new_index(folder / str(seed))
        alive: list[str] = []
        deleted: list[str] = []
        with Writer(index) as writer:
            for _ in range(40):
                names = [_word(chance) for _ in range(chance.randint(5, 30))]
                writer.replace(stored(name, []) for name in names)
                alive += names
                gone = chance.sample(alive, min(len(alive) - 1, chance.randint(1, 20)))
                alive = [one for one in alive if one not in gone]
                deleted += gone
                writer.remove(f"/documents/{one}".encode() for one in gone)
            assert writer.checkpoint()
        if left(index, deleted):
            index.rename(folder / "index")
            return deleted
    pytest.fail("secure_delete left nothing: the test tests nothing")


def _word(chance: random.Random) -> str:
    return "".join(chance.choices("bcdfghjklmnpqrstvwxz", k=chance.randint(12, 60)))


def left(folder: Path, words: list[str]) -> list[str]:
    """Words of which a large part stands in the database."""
    content = (folder / DATABASE).read_bytes()
    return [one for one in words if one[3:12].encode() in content]


def test_copies_that_sqlite_leaves_in_its_pages_are_overwritten(tmp_path: Path) -> None:
    deleted = names_that_stay(tmp_path)
    index = tmp_path / "index"
    with Writer(index) as writer:
        rows = writer.connection.execute("SELECT * FROM files ORDER BY 1").fetchall()
        assert scrub(index / DATABASE) > 0
        assert left(index, deleted) == []
        assert scrub(index / DATABASE) == 0, "a second time nothing is left to do"
        writer.reopen()
        assert writer.connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert writer.connection.execute("SELECT * FROM files ORDER BY 1").fetchall() == rows


def test_pages_that_the_writer_keeps_in_memory_do_not_bring_it_back(tmp_path: Path) -> None:
    deleted = names_that_stay(tmp_path)
    index = tmp_path / "index"
    with Writer(index) as writer:
        writer.connection.execute("SELECT sum(length(shown)) FROM files").fetchone()  # all pages are in memory
        put(writer, stored("last.txt", ["the last one"]))
        forget(writer, "last.txt")
        writer.connection.execute("UPDATE files SET size = size + 1")  # all pages are written
        assert writer.checkpoint()
    assert left(index, deleted) == []


def test_unused_bytes_of_every_kind_of_page_are_found(index: Path) -> None:
    with Writer(index) as writer:
        put(writer, *(stored(f"{n}.txt", [f"text {n} " * 900]) for n in range(40)))
        writer.remove(f"/documents/{n}.txt".encode() for n in range(1, 40))
        assert writer.checkpoint()
        assert scrub(index / DATABASE) >= 0
        content = bytearray((index / DATABASE).read_bytes())
        used = bytes(content)
        free = int.from_bytes(content[36:40], "big")
        assert free > 10, "the test needs free pages"
        planted = 0
        for start in range(0, len(content), 4096):
            header = start + (100 if start == 0 else 0)
            kind, cells, first = content[header], content[header + 3 : header + 5], content[header + 5 : header + 7]
            gap = header + 12 + 2 * int.from_bytes(cells, "big"), start + int.from_bytes(first, "big")
            if kind in (2, 5, 10, 13) and gap[1] - gap[0] > 20:
                content[gap[0] : gap[0] + 12] = b"zanzibarquux"
                planted += 1
            elif not any(content[start : start + 4096]):  # a free page
                content[start : start + 12] = b"zanzibarquux"
                planted += 1
        assert planted > free
        with (index / DATABASE).open("r+b") as file:
            file.write(content)
        assert scrub(index / DATABASE) >= planted
        assert (index / DATABASE).read_bytes() == used, "nothing but unused bytes was touched"


def free_blocks(content: bytes) -> list[tuple[int, int]]:
    """First byte and length of every place between the cells of a page where a row was."""
    found = []
    for start in range(0, len(content), 4096):
        header = start + (100 if start == 0 else 0)
        if content[header] not in (2, 5, 10, 13):
            continue
        block = int.from_bytes(content[header + 1 : header + 3], "big")
        while block:
            place = start + block
            found.append((place, int.from_bytes(content[place + 2 : place + 4], "big")))
            block = int.from_bytes(content[place : place + 2], "big")
    return found


def test_what_stands_between_the_cells_of_a_page_is_found(index: Path) -> None:
    with Writer(index) as writer:
        put(writer, *(stored(f"{n:02}.txt", [f"text {n}"]) for n in range(40)))
        writer.remove(f"/documents/{n:02}.txt".encode() for n in range(0, 40, 3))
        assert writer.checkpoint()
        scrub(index / DATABASE)
        used = (index / DATABASE).read_bytes()
        content = bytearray(used)
        blocks = [(place, length) for place, length in free_blocks(used) if length >= 16]
        assert len(blocks) > 10, "the test needs rows that were deleted between others"
        for place, length in blocks:
            content[place + length - 12 : place + length] = b"zanzibarquux"
        with (index / DATABASE).open("r+b") as file:
            file.write(content)
        assert scrub(index / DATABASE) == len(blocks)
        assert (index / DATABASE).read_bytes() == used


def test_erasing_keeps_the_locks_of_readers_in_the_same_process(index: Path) -> None:
    """Closing any descriptor of a file drops the locks that this process has on it: SQLite's own, of its readers."""
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["alpha"]), stored("b.txt", ["beta"]))
    reader = Reader(index)
    held = locks(index / DATABASE)
    assert held
    with Writer(index) as writer:
        forget(writer, "a.txt")
    assert locks(index / DATABASE) == held
    reader.close()
    assert locks(index / DATABASE) == []


def locks(file: Path) -> list[str]:
    """The ranges of the file that processes have locked."""
    lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return [" ".join(line[3:4] + line[6:]) for line in lines if line[5].endswith(f":{file.stat().st_ino}")]


# The mark


def test_the_mark_stands_from_the_removal_until_somebody_has_looked(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["zanzibarquux"]), stored("b.txt", ["beta"]))
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(erase, "scrub", _interrupt)
            forget(writer, "a.txt")
        assert writer.setting(erase.MARK)
    with Writer(index) as writer:
        assert writer.erased_before
        assert not writer.setting(erase.MARK)
    with Writer(index) as writer:
        assert not writer.erased_before
    assert files_with(index, "zanzibarquux") == []


def _interrupt(database: Path) -> int:
    raise KeyboardInterrupt


def test_a_reader_keeps_the_mark_and_not_the_writers(index: Path) -> None:
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["zanzibarquux"]), stored("b.txt", ["beta"]))
    reader = Reader(index)
    with reader.snapshot() as connection:
        connection.execute("SELECT count(*) FROM files").fetchone()
        with Writer(index) as writer:
            erase.remove(writer, b"/documents/a.txt", lambda: None)
            with pytest.raises(EraseUnfinished, match="a search in this program reads"):
                erase.finish(writer, patience=0)
        with Writer(index) as writer:
            put(writer, stored("c.txt", ["gamma"]))
            assert writer.setting(erase.MARK)
    reader.close()
    with Writer(index) as writer:
        assert writer.erased_before
    assert files_with(index, "zanzibarquux") == []


def test_a_log_that_is_not_empty_keeps_the_mark_whatever_sqlite_says_of_it(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["alpha"]), stored("b.txt", ["beta"]))
        with monkeypatch.context() as patch, pytest.raises(EraseUnfinished):
            patch.setattr(Writer, "checkpoint", lambda writer, *, patience: True)
            forget(writer, "a.txt")
        assert writer.setting(erase.MARK)


def test_no_faiss_file_outlives_a_forgotten_vector(index: Path) -> None:
    from localsearch.store import cache
    from tests.store.builders import DIM, vector_of

    with Writer(index) as writer:
        put(writer, stored("a.txt", ["alpha"]), *(stored(f"{n}.txt", [f"text {n}"]) for n in range(40)))
        cache.rebuild(writer, DIM)
        vector = vector_of("alpha").astype("<f2").tobytes()
        holders = [path.name for path in index.iterdir() if vector in path.read_bytes()]
        assert any(name.endswith(".faiss") for name in holders), "the test tests nothing"
        forget(writer, "a.txt")
        assert [path.name for path in index.iterdir() if vector in path.read_bytes()] == []


# Room on a full disk


class FullDisk:
    """A writer's connection that refuses a transaction in which too many rows are deleted, as a full disk does."""

    def __init__(self, connection: sqlite3.Connection, most: int) -> None:
        self._connection = connection
        self._most = most
        self._deleted = 0

    def execute(self, statement: str, *values: object) -> object:
        if statement == "BEGIN IMMEDIATE":
            self._deleted = 0
        elif statement.startswith("DELETE FROM passages"):
            self._deleted += 1
            if self._deleted > self._most:
                raise sqlite3.OperationalError("database or disk is full")
        return self._connection.execute(statement, *values)

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


@pytest.mark.parametrize("most", [1, 3, 7])
def test_what_does_not_fit_on_the_disk_at_once_goes_in_steps(index: Path, most: int) -> None:
    with Writer(index) as writer:
        put(writer, stored("a.txt", [f"zanzibarquux {n}" for n in range(10)]), stored("b.txt", ["beta"]))
        connection = writer.connection
        writer.connection = FullDisk(connection, most)
        erase.remove(writer, b"/documents/a.txt", lambda: None)
        writer.connection = connection
        erase.finish(writer)
        assert connection is not writer.connection
        assert writer.connection.execute("SELECT count(*) FROM passages").fetchone() == (1,)
        writer.connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    assert files_with(index, "zanzibarquux") == []


def test_a_kill_between_two_steps_leaves_the_rest_to_the_next(index: Path) -> None:
    with Writer(index) as writer:
        put(writer, stored("a.txt", [f"zanzibarquux {n}" for n in range(10)]), stored("b.txt", ["beta"]))
        connection = writer.connection
        writer.connection = FullDisk(connection, 0)
        with pytest.raises(sqlite3.OperationalError, match="full"):
            erase.remove(writer, b"/documents/a.txt", lambda: None)
        writer.connection = connection
        assert connection.execute("SELECT count(*) FROM passages").fetchone() == (11,)
        assert writer.setting(erase.MARK) == '["' + b"/documents/a.txt".hex() + '"]'
    with Writer(index) as writer:
        assert writer.erased_before
        assert writer.connection.execute("SELECT count(*) FROM passages").fetchone() == (1,)
    assert files_with(index, "zanzibarquux") == files_with(index, "a.txt") == []


def test_room_for_deleting_is_put_aside_and_grows_with_the_database(index: Path) -> None:
    with Writer(index) as writer:
        assert not (index / reserve.RESERVE).exists()
        put(writer, stored("a.txt", ["alpha"]))
    first = (index / reserve.RESERVE).stat()
    assert first.st_size >= (index / DATABASE).stat().st_size
    assert first.st_blocks * 512 >= first.st_size, "a file with holes keeps no room"
    with Writer(index) as writer:
        put(writer, *(stored(f"{n}.txt", [f"text {n} " * 200]) for n in range(300)))
    assert first.st_size < (index / reserve.RESERVE).stat().st_size <= reserve.MOST
    assert reserve.release(index)
    assert not reserve.release(index)


def test_a_transaction_inside_another_is_part_of_it(index: Path) -> None:
    with Writer(index) as writer:
        with pytest.raises(KeyboardInterrupt), transaction(writer.connection):
            with transaction(writer.connection):
                writer.put(one=1)
            raise KeyboardInterrupt
        assert writer.setting("one") == ""
