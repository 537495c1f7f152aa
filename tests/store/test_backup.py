"""A backup is an index of its own; a moved folder is renamed without reading or encoding."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from localsearch import Index
from localsearch.encoder.onnx import Encoder
from localsearch.errors import PathProblem, StorageError
from localsearch.store.writer import Writer
from tests.conftest import TINY
from tests.crash.contents import check_invariants, contents
from tests.store.builders import put, stored


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / "documents" / "contracts"
    (folder / "lease").mkdir(parents=True)
    (folder / "warehouse.md").write_text("# Warehouse\n\nThe lease of the warehouse ends in March.")
    (folder / "lease" / "garage.md").write_text("# Garage\n\nThe garage has room for two vans.")
    with Index.create(tmp_path / "index", encoder=TINY) as opened:
        opened.add(folder, workers=1)
    return tmp_path / "index"


def test_a_backup_is_the_same_index(index: Path, tmp_path: Path) -> None:
    with Index.open(index) as opened:
        opened.backup(tmp_path / "copy")
    assert contents(tmp_path / "copy") == contents(index)
    check_invariants(tmp_path / "copy")
    assert not [one for one in Index.examine(tmp_path / "copy", full=True) if one.damage]
    with Index.open(tmp_path / "copy") as copy:
        assert copy.search("room for vans")[0].path.name == "garage.md"
        assert copy.status().cached == 2
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("place", ["index", "index/copy", "documents/../index/copy", "link/copy"])
def test_a_backup_does_not_lie_inside_its_index_where_forget_would_not_reach_it(
    index: Path, tmp_path: Path, place: str
) -> None:
    (tmp_path / "link").symlink_to(index)
    with Index.open(index) as opened, pytest.raises(StorageError, match="inside the index"):
        opened.backup(tmp_path / place)
    assert not (index / "copy").exists()


def test_a_backup_is_one_state_while_a_writer_works(index: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            number = 0
            while not stop.is_set():
                with Writer(index) as writer:
                    number += 1
                    put(writer, stored(f"{number}.txt", [f"text {number}", f"more {number}"]))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        with Index.open(index) as opened:
            for number in range(5):
                with opened._reader.snapshot() as connection:
                    from localsearch.store.backup import copy_database

                    copy_database(connection, tmp_path / f"copy{number}", outside=index)
    finally:
        stop.set()
        thread.join()
    assert failures == []
    for number in range(5):
        copy = contents(tmp_path / f"copy{number}")
        assert len([row for row in copy if str(row[0]).startswith("/documents/")]) % 2 == 0, "half a file"


def test_a_backup_does_not_overwrite(index: Path, tmp_path: Path) -> None:
    with Index.open(index) as opened:
        opened.backup(tmp_path / "copy")
        with pytest.raises(StorageError, match="not empty"):
            opened.backup(tmp_path / "copy")


def test_a_moved_folder_is_renamed_without_encoding(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "documents" / "contracts", tmp_path / "elsewhere" / "contracts"
    new.parent.mkdir()
    old.rename(new)
    encoded: list[str] = []
    plain = Encoder.encode_passages

    def counting(self: Encoder, texts: Any) -> Any:
        encoded.extend(texts)
        return plain(self, texts)

    monkeypatch.setattr(Encoder, "encode_passages", counting)
    with Index.open(index) as opened:
        assert opened.move_root(old, new) == 2
        assert opened.search("room for vans")[0].path == new / "lease" / "garage.md"
        report = opened.update(workers=1)
    assert (report.unchanged, report.added, report.changed, report.removed) == (2, 0, 0, 0)
    assert encoded == []
    assert not [one for one in Index.examine(index, full=True) if one.damage]
    with Index.create(tmp_path / "fresh", encoder=TINY) as fresh:
        fresh.add(new, workers=1)
    assert contents(index) == contents(tmp_path / "fresh")


def test_a_renamed_file_has_the_words_and_the_meaning_of_its_new_name(index: Path, tmp_path: Path) -> None:
    file, renamed = tmp_path / "note.md", tmp_path / "harbour.md"
    file.write_text("# Note\n\nNothing is said of ships.")
    with Index.open(index) as opened:
        opened.add(file, workers=1)
        file.rename(renamed)
        opened.move_root(file, renamed)
        assert opened.search('"harbour"')[0].path == renamed
    assert not [one for one in Index.examine(index, full=True) if one.damage]
    with Index.create(tmp_path / "fresh", encoder=TINY) as fresh:
        fresh.add(tmp_path / "documents" / "contracts", renamed, workers=1)
    assert contents(index) == contents(tmp_path / "fresh")


def test_a_move_that_cannot_be_is_refused(index: Path, tmp_path: Path) -> None:
    root = tmp_path / "documents" / "contracts"
    other = tmp_path / "other"
    shutil.copytree(root, other)
    with Index.open(index) as opened:
        opened.add(other, workers=1)
        with pytest.raises(PathProblem, match="does not exist"):
            opened.move_root(root, tmp_path / "nowhere")
        with pytest.raises(PathProblem, match="not an indexed folder"):
            opened.move_root(tmp_path, tmp_path / "documents")
        with pytest.raises(PathProblem, match="overlap"):
            opened.move_root(root, other / "lease")
    assert len(contents(index)) == 4
