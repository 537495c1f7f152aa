"""An index that came from somebody else: it names no file outside its folder, and its use is said."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from localsearch.store.checksums import checksum
from tests.functional.conftest import Localsearch


def forge(index: Path, name: str) -> None:
    """Record another FAISS file, with a true checksum of the row: whoever forges an index can make one."""
    with sqlite3.connect(index / "localsearch.db") as database:
        row = database.execute(
            "SELECT id, ?, checksum, generation, last_passage, passages FROM vector_cache", [name]
        ).fetchone()
        database.execute("UPDATE vector_cache SET file = ?, row_checksum = ?", [name, checksum("vector_cache", row)])
    database.close()


COMMANDS = (("index", "more"), ("forget", "--yes", "documents"), ("doctor", "--repair"), ("query", "x"))


@pytest.mark.parametrize("place", ["absolute", "relative", "pipe", "pipe of ours"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda line: line[0])
def test_a_forged_name_reaches_no_other_file(own: Localsearch, place: str, command: tuple[str, ...]) -> None:
    victim = own.folder / "victim"
    (own.folder / "more").mkdir()
    (own.folder / "more" / "new.txt").write_text("A new text about another thing.")
    name = {
        "absolute": str(victim),
        "relative": "../victim",
        "pipe": "../victim",
        "pipe of ours": "vectors-000777.faiss",
    }[place]
    if place.startswith("pipe"):
        os.mkfifo(own.index / name)
    else:
        victim.write_text("precious")
    forge(own.index, name)
    done = own.run(*command)  # a read of the pipe would never end
    assert done.returncode in (0, 2), done.stderr
    if place in ("absolute", "relative"):
        assert victim.read_text() == "precious"
    elif place == "pipe":
        assert victim.is_fifo()


def test_an_index_that_merely_lies_here_is_named_once(own: Localsearch) -> None:
    unnamed = Localsearch(own.folder, {**own.environment, "LOCALSEARCH_INDEX": ""})
    told = f"note: the index used is {own.index}, because it is in the current folder.\n"
    for line in (("query", "--json", "tenant"), ("doctor", "--json"), ("index",), ("forget", "--yes", "documents")):
        done = unnamed.run(*line)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count(told) == 1
        assert told not in done.stdout
    assert "note: the index used" not in unnamed.run("index", "--quiet").stderr
    assert "note: the index used" not in own.run("query", "tenant").stderr
