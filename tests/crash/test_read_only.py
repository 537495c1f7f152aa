"""An index on a disk that takes no writes is searched, and whoever would write there is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from localsearch import Index
from localsearch.errors import IndexBusy
from localsearch.store import sqlite
from localsearch.store.snapshot import Reader
from tests.conftest import ROOT, TINY
from tests.crash import read_only


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Closed: there is neither log nor shared memory."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "0.md").write_text("The crane lifts cargo.")
    with Index.create(tmp_path / "index", encoder=TINY) as made:
        made.add(tmp_path / "documents", workers=1)
    for name in ("localsearch.db-wal", "localsearch.db-shm"):
        (tmp_path / "index" / name).unlink(missing_ok=True)
    return tmp_path / "index"


@pytest.mark.namespaces
def test_an_index_on_a_read_only_mount(index: Path, tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    (documents / "log").write_bytes(b"not empty")
    line = ["unshare", "-rm", sys.executable, read_only.__file__, str(index), str(documents)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    for name in ("query", "semantic"):
        assert told[name][:2] == [0, f"{documents / '0.md'}\n"], told[name]
    assert told["status"][0] == 0, told["status"]
    assert json.loads(told["status"][1])["passages"] == 1
    assert told["doctor"][0] == 0, told["doctor"]
    for name in ("index", "forget", "with a log"):
        assert told[name][0] == 4, told[name]
        assert told[name][2].count("\n") == 1


def test_a_change_through_another_mount_is_noticed(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = sqlite._connect
    monkeypatch.setattr(sqlite, "_is_at_rest", lambda database: True)
    monkeypatch.setattr(
        "localsearch.store.connections.connect", lambda path, writable: plain(path, writable=False, at_rest=True)
    )
    reader = Reader(index)
    with pytest.raises(IndexBusy, match="changed while it was read"), reader.snapshot() as connection:
        connection.execute("SELECT count(*) FROM files").fetchone()
        os.utime(index / "localsearch.db")
    with reader.snapshot() as connection:
        assert connection.execute("SELECT count(*) FROM files").fetchone() == (1,)
    reader.close()
