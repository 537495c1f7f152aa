"""An index of every disk format ever released opens, answers, and is brought up to date by the next writer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from localsearch import Index, Mode
from localsearch.store import checksums
from localsearch.store.schema import FORMAT
from localsearch.store.sqlite import connect, sqlite3
from localsearch.store.writer import Writer
from tests.conftest import TINY
from tests.crash.contents import check_invariants, contents

FORMATS = Path(__file__).parents[1] / "data" / "formats"
QUERY = "where does the pilot board"


def place(number: int, folder: Path) -> Path:
    """A copy of the index of a format, its documents copied beside it and its paths leading there."""
    index, documents = folder / "index", folder / "documents"
    shutil.copytree(FORMATS / str(number), index)
    index.chmod(0o700)
    shutil.copytree(FORMATS / "documents", documents)
    connection = sqlite3.connect(str(index / "localsearch.db"))
    for table, path in connection.execute(
        "SELECT 'files', path FROM files UNION ALL SELECT 'roots', path FROM roots"
    ).fetchall():
        now = os.fsencode(os.fsdecode(path).replace("/documents", str(documents), 1))
        shown = ", shown = CAST(?1 AS TEXT)" if table == "files" else ""
        connection.execute(f"UPDATE {table} SET path = ?1{shown} WHERE path = ?2", [now, path])
    connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
    connection.execute("UPDATE settings SET value = 0 WHERE key = 'words'")
    connection.execute("UPDATE settings SET value = ? WHERE key = 'encoder_folder'", [str(TINY)])
    connection.commit()
    connection.close()
    return index


def format_of(index: Path) -> int:
    connection = connect(index / "localsearch.db", writable=False)
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


def unsigned(index: Path) -> list[str]:
    """Tables with a row that its checksum does not fit."""
    connection = connect(index / "localsearch.db", writable=False)
    try:
        return [
            table
            for table in checksums.COVERED
            for row in connection.execute(f"SELECT {checksums.selected(table)} FROM {table}")
            if not checksums.is_intact(table, row)
        ]
    finally:
        connection.close()


@pytest.mark.parametrize("number", range(1, FORMAT))
def test_an_old_index_is_searched_without_being_changed(number: int, tmp_path: Path) -> None:
    index = place(number, tmp_path)
    before = (index / "localsearch.db").read_bytes()
    with Index.open(index) as opened:
        hits = opened.search(QUERY, mode=Mode.SEMANTIC)
        assert hits[0].path.name == "pilots.txt"
        assert hits.damaged == 0
        status = opened.status()
        assert (status.format, status.files, status.complete) == (number, 4, True)
    assert (index / "localsearch.db").read_bytes() == before


@pytest.mark.parametrize("number", range(1, FORMAT))
def test_the_next_writer_brings_an_old_index_up_to_date(number: int, tmp_path: Path) -> None:
    index = place(number, tmp_path)
    before = contents(index)
    with Writer(index):
        pass
    assert format_of(index) == FORMAT
    assert contents(index) == before
    assert unsigned(index) == []
    check_invariants(index)
    with Index.open(index) as opened:
        assert opened.search(QUERY)[0].path.name == "pilots.txt"
        opened.update(workers=1)
    with Index.create(tmp_path / "fresh", encoder=TINY) as fresh:
        fresh.add(tmp_path / "documents", workers=1)
    assert contents(index) == contents(tmp_path / "fresh")
    connection = connect(index / "localsearch.db", writable=False)
    made = connection.execute("SELECT sql FROM sqlite_schema WHERE name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name")
    assert made.fetchall() == schema_of(tmp_path / "fresh")
    connection.close()


def schema_of(index: Path) -> list[tuple[str]]:
    connection = connect(index / "localsearch.db", writable=False)
    try:
        return connection.execute(
            "SELECT sql FROM sqlite_schema WHERE name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name"
        ).fetchall()
    finally:
        connection.close()


def test_a_migration_that_is_killed_leaves_the_old_format(tmp_path: Path) -> None:
    index = place(1, tmp_path)
    code = """
import os, sys
from pathlib import Path
from localsearch.store import checksums, schema
from localsearch.store.writer import Writer
made = checksums.checksum
def fail(table, values):
    if table == "vectors":
        os._exit(9)
    return made(table, values)
checksums.checksum = fail
with Writer(Path(sys.argv[1])): pass
"""
    before = contents(index)
    assert subprocess.run([sys.executable, "-c", code, str(index)], check=False).returncode == 9
    assert format_of(index) == 1
    assert contents(index) == before
    with Writer(index):
        pass
    assert (format_of(index), unsigned(index)) == (FORMAT, [])


def test_every_change_keeps_the_checksums_true(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    shutil.copytree(FORMATS / "documents", documents)
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(documents, workers=1)
        os.utime(documents / "lease.md", ns=(1, 1))
        index.update(workers=1)
        (documents / "tides.csv").write_text("day,water\nFriday,07:00\n")
        index.update(workers=1)
        index.remove(documents / "berths.txt")
        other = tmp_path / "other"
        shutil.copytree(TINY, other)
        index.use_encoder(other)
    assert unsigned(tmp_path / "index") == []


@pytest.mark.parametrize("table", checksums.COVERED)
def test_every_covered_value_counts(table: str) -> None:
    names = checksums.COVERED[table]
    row = [f"{name}" for name in names]
    made = checksums.checksum(table, row)
    for place_, name in enumerate(names):
        for other in (None, 1, f"{name}.", name.encode()):
            assert checksums.checksum(table, [*row[:place_], other, *row[place_ + 1 :]]) != made
    assert checksums.checksum("other", row) != made


def test_the_short_form_for_vectors_is_the_same_checksum() -> None:
    assert checksums.vector_checksum(b"key", b"value") == checksums.checksum("vectors", (b"key", b"value"))


def test_all_columns_are_covered_but_those_that_keys_and_ids_bind(tmp_path: Path) -> None:
    Index.create(tmp_path / "index", encoder=TINY).close()
    connection = connect(tmp_path / "index" / "localsearch.db", writable=False)
    for table, names in checksums.COVERED.items():
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        bound = {"passages": {"vector_id"}, "vectors": {"id"}}.get(table, set())
        assert columns - set(names) == {checksums.column(table)} | bound
    connection.close()
