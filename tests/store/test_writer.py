"""What the writer promises: a file is replaced whole, nothing of the old one stays, ids are never used again."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from localsearch.errors import IndexBusy, IndexDamaged, IndexMismatch, IndexNotFound, StorageError
from localsearch.store.create import make_index
from localsearch.store.folder import check_index
from localsearch.store.snapshot import Reader
from localsearch.store.sqlite import connect
from localsearch.store.writer import Writer
from tests.store.builders import SETTINGS, new_index, put, stored


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return new_index(tmp_path / "index")


def words(folder: Path, word: str) -> list[int]:
    """Ids of the passages in which the keyword index knows the word."""
    reader = Reader(folder)
    with reader.snapshot() as connection:
        rows = connection.execute(
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid", [f'"{word}"']
        ).fetchall()
    reader.close()
    return [row[0] for row in rows]


def test_a_new_index_is_closed_to_others_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        index = new_index(tmp_path / "deep" / "index")
        with Writer(index) as writer:
            put(writer, stored("a.txt", ["alpha"]))
    finally:
        os.umask(before)
    assert stat.S_IMODE(index.stat().st_mode) == 0o700
    assert {entry.name: oct(stat.S_IMODE(entry.stat().st_mode)) for entry in index.iterdir()} == {
        entry.name: "0o600" for entry in index.iterdir()
    }


def test_a_folder_with_other_things_does_not_become_an_index(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(StorageError, match="not empty"):
        make_index(tmp_path, SETTINGS)
    assert [entry.name for entry in tmp_path.iterdir()] == ["photo.jpg"]


def test_an_index_may_be_made_beside_a_readme(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("data")
    check_index(new_index(tmp_path))


def test_strange_files_do_not_stop_an_open(index: Path) -> None:
    for name in ("manifest", "vectors.tmp", "localsearch.db.bak"):
        (index / name).write_bytes(b"")
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["alpha"]))
    assert (index / "manifest").exists()
    assert words(index, "alpha")


def test_replacing_a_file_leaves_nothing_of_the_old_one(index: Path) -> None:
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["alpha one", "alpha two"]), stored("b.txt", ["beta"]))
        first = words(index, "alpha")
        put(writer, stored("a.txt", ["gamma"]))
        counts = {
            table: writer.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("files", "documents", "passages")
        }
        writer.connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    assert counts == {"files": 2, "documents": 2, "passages": 2}
    assert words(index, "alpha") == []
    assert words(index, "gamma")[0] > max(first), "an id must never be used again"


def test_a_failed_batch_changes_nothing(index: Path) -> None:
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["alpha"]))
        file, documents = stored("a.txt", ["without a vector"])
        with pytest.raises(Exception, match="NOT NULL"):
            writer.replace([(file, documents)])
    assert words(index, "alpha")
    assert words(index, "without") == []


def test_names_of_files_are_words_and_go_with_them(index: Path) -> None:
    with Writer(index) as writer:
        put(writer, stored("NIKE_2018_10K.pdf", ["alpha"]))
        assert words(index, "nike")
        writer.remove([b"/documents/NIKE_2018_10K.pdf"])
        writer.connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    assert words(index, "nike") == []


def test_words_made_by_another_version_are_made_again(index: Path) -> None:
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["alpha"]))
        writer.connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
        writer.put(words=0)
    assert words(index, "alpha") == []
    with Writer(index):
        pass
    assert words(index, "alpha")


def test_vectors_without_passages_survive_until_dropped(index: Path) -> None:
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["alpha"]))
        writer.remove([b"/documents/a.txt"])
        key = stored("a.txt", ["alpha"])[1][0].keys[0]
        assert writer.missing([key]) == set()
        writer.drop_unused_vectors()
        assert writer.missing([key]) == {key}


def test_forgotten_text_is_in_no_file(index: Path) -> None:
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["the codename is zanzibarquux"]), stored("b.txt", ["beta " * 50]))
        writer.checkpoint()
        assert any(b"zanzibarquux" in entry.read_bytes() for entry in index.iterdir())
        writer.remove([b"/documents/a.txt"])
        writer.drop_unused_vectors()
        writer.checkpoint()
        found = [entry.name for entry in index.iterdir() if b"zanzibarqu" in entry.read_bytes()]
    assert found == []


def test_one_writer_at_a_time_and_the_other_learns_who(index: Path) -> None:
    with Writer(index), pytest.raises(IndexBusy, match=str(os.getpid())), Writer(index):
        pass


def test_a_killed_writer_leaves_no_lock(index: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from localsearch.store.writer import Writer\n"
        "with Writer(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(index)], check=False).returncode == -9
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["alpha"]))


def test_left_overs_of_killed_runs_are_swept(index: Path) -> None:
    (index / ".new-abc").mkdir()
    (index / ".new-abc" / "localsearch.db").write_bytes(b"half")
    (index / "vectors-000009.faiss.new").write_bytes(b"half")
    with Writer(index):
        pass
    assert {entry.name for entry in index.iterdir()} <= {
        "localsearch.db",
        "localsearch.db-wal",
        "localsearch.db-shm",
        "writer.lock",
        "reserve",
    }


def test_what_others_keep_in_the_folder_stays_whatever_it_is_called(index: Path) -> None:
    (index / "vectors-old").mkdir()
    (index / "vectors-000777.faiss").mkdir()
    (index / "vectors-notes.txt").write_text("mine")
    (index / "vectors-000778.faiss.bak").write_text("mine")
    (index / "vectors-000779.faiss").symlink_to(index / "vectors-notes.txt")
    (index / "vectors-000009.faiss").write_bytes(b"ours, of a killed run")
    before = {entry.name for entry in index.iterdir()}
    with Writer(index) as writer:
        put(writer, stored("a.txt", ["alpha"]))
    assert before - {entry.name for entry in index.iterdir()} == {"vectors-000009.faiss"}
    assert (index / "vectors-notes.txt").read_text() == "mine"


def test_what_cannot_be_opened_says_why(index: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound):
        check_index(tmp_path / "nowhere")
    index.chmod(0o755)
    with pytest.raises(StorageError, match="other users"):
        check_index(index)
    index.chmod(0o700)
    connection = connect(index / "localsearch.db", writable=True)
    connection.execute("PRAGMA user_version = 99")
    connection.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('localsearch', 'm003')")
    connection.close()
    with pytest.raises(IndexMismatch, match="format 99"):
        Reader(index)
    with pytest.raises(IndexMismatch, match="format 99"), Writer(index):
        pass


@pytest.mark.parametrize("damage", [b"", b"not a database, but long enough to be one" * 200])
def test_a_damaged_database_is_named(index: Path, damage: bytes) -> None:
    for entry in list(index.iterdir()):
        if entry.name != "localsearch.db":
            entry.unlink()
    (index / "localsearch.db").write_bytes(damage)
    with pytest.raises(IndexDamaged, match="damaged"):
        Reader(index)
