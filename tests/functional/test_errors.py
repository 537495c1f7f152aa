"""Every expected failure, provoked in a real process: one line, the right exit code, nothing lost."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.conftest import TINY
from tests.functional.conftest import Localsearch


def fails(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One line on stderr that holds `words`, nothing on stdout, this exit code."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("localsearch: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert [word for word in words if word not in done.stderr] == []


# Usage


@pytest.mark.parametrize(
    "arguments",
    [
        ("query",),
        ("query", "text", "--like", "a.txt"),
        ("query", "--explain", "--like", "a.txt"),
        ("query", "--nonsense", "x"),
        ("query", "-k", "many", "x"),
        ("query", "--mode", "psychic", "x"),
        ("nonsense",),
        ("forget",),
        ("eval",),
        ("config",),
        ("index", "--include", "*.md"),
    ],
    ids=" ".join,
)
def test_wrong_usage_names_the_help_to_look_at(program: Localsearch, arguments: tuple[str, ...]) -> None:
    fails(program.run(*arguments), 1, "--help`.")


# Paths


def test_a_path_that_is_not_there(program: Localsearch) -> None:
    fails(program.run("index", "nowhere"), 1, "nowhere does not exist", "Check the spelling")
    assert not program.index.exists()


def test_a_path_that_is_no_file_or_folder(program: Localsearch) -> None:
    os.mkfifo(program.folder / "pipe")
    fails(program.run("index", "pipe"), 1, "neither a file nor a folder")
    assert not program.index.exists()


def test_a_path_that_may_not_be_read(program: Localsearch) -> None:
    program.documents.chmod(0o000)
    try:
        fails(program.without_root_rights().run("index", "documents"), 4, "may not be read by you")
    finally:
        program.documents.chmod(0o755)


def test_forgetting_what_is_not_known(indexed: Localsearch) -> None:
    fails(indexed.run("forget", "--yes", "nowhere"), 1, "knows nothing of", "nowhere")


def test_updating_without_any_folder(own: Localsearch) -> None:
    own.run("forget", "--yes", "documents")
    fails(own.run("index"), 1, "No folder is indexed yet", "localsearch index FOLDER")


# Queries


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("",), "empty"),
        (("  ",), "empty"),
        (("word " * 1000,), "long"),
        (("-k", "0", "x"), "1000"),
        (("-k", "1001", "x"), "1000"),
        (("--after", "31.12.2023", "x"), "'31.12.2023' is not a date"),
        (("x after:yesterday",), "'yesterday' is not a date. Write 2024, 2024-03 or 2024-03-01; in quotation marks"),
        (("type:pdf",), "The query only filters. Say also"),
        (("--before", "2023-02-30", "x"), "2023-02-30"),
        (("--type", "", "x"), "type"),
        (("--path", " ", "x"), "path"),
        (("--path", "[z-a]", "x"), "glob"),
        (("--", "-draft"), "only excludes"),
    ],
)
def test_a_query_that_cannot_be_used(indexed: Localsearch, arguments: tuple[str, ...], words: str) -> None:
    fails(indexed.run("query", *arguments), 1, words)


# Settings and encoders


def test_a_settings_file_with_a_bad_value(indexed: Localsearch, tmp_path: Path) -> None:
    folder = tmp_path / "configuration" / "localsearch"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("# mine\nresults = -3\n")
    done = indexed.run("query", "x", environment={"XDG_CONFIG_HOME": str(folder.parent)})
    fails(done, 1, "config.toml:2", "results", "-3")


def test_a_variable_with_a_bad_value(indexed: Localsearch) -> None:
    fails(indexed.run("query", "x", environment={"LOCALSEARCH_MODE": "psychic"}), 1, "LOCALSEARCH_MODE", "psychic")


def test_an_encoder_that_is_not_there(program: Localsearch) -> None:
    fails(program.run("index", "documents", "--encoder", "nowhere"), 1, "No encoder at", "card.json")
    assert not program.index.exists()


def test_an_encoder_that_was_changed(program: Localsearch) -> None:
    copy = program.folder / "encoder"
    shutil.copytree(TINY, copy)
    with open(copy / "model.onnx", "ab") as model:
        model.write(b"x")
    fails(program.run("index", "documents", "--encoder", copy), 1, "model.onnx is damaged")


def test_an_index_of_another_encoder(own: Localsearch) -> None:
    copy = own.folder / "encoder"
    shutil.copytree(TINY, copy)
    card = json.loads((copy / "card.json").read_text())
    (copy / "card.json").write_text(json.dumps(card | {"query_prefix": "another "}))
    for arguments in (("query", "x"), ("index",)):
        fails(own.run(*arguments, "--encoder", copy), 1, "was made with encoder", "--encoder")


# Indexes


@pytest.mark.parametrize("arguments", [("query", "x"), ("status",), ("forget", "x"), ("index",)], ids=" ".join)
def test_no_index(program: Localsearch, arguments: tuple[str, ...]) -> None:
    fails(program.run(*arguments), 1, f"No index at {program.index}", "localsearch index PATH")
    assert not program.index.exists()


@pytest.mark.parametrize("arguments", [("index",), ("forget", "--yes", "documents")], ids=" ".join)
def test_an_index_that_is_being_written(own: Localsearch, arguments: tuple[str, ...]) -> None:
    with open(own.index / "writer.lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        fails(own.run(*arguments), 3, f"process {os.getpid()}", "Wait")
        assert own.run("query", "--paths", "tenant").stdout != ""


def test_an_index_of_a_newer_version(own: Localsearch) -> None:
    with sqlite3.connect(own.index / "localsearch.db") as database:
        database.execute("PRAGMA user_version = 999")
        database.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('localsearch', 'm003')")
    database.close()
    for arguments in (("query", "x"), ("index",), ("status",)):
        fails(own.run(*arguments), 1, "format 999", "Update localsearch")


@pytest.mark.parametrize("number", [0, 3, 65538])
def test_a_damaged_format_number(own: Localsearch, number: int) -> None:
    with sqlite3.connect(own.index / "localsearch.db") as database:
        database.execute(f"PRAGMA user_version = {number}")
    database.close()
    for arguments in (("query", "x"), ("index",), ("status",), ("doctor",)):
        ended = own.run(*arguments)
        assert ended.returncode == 2
        assert "localsearch doctor --repair" in ended.stdout + ended.stderr


@pytest.mark.parametrize("harm", [b"", b"this is not a database at all" * 200], ids=["empty", "other"])
def test_a_damaged_database(own: Localsearch, harm: bytes) -> None:
    (own.index / "localsearch.db").write_bytes(harm)
    for arguments in (("query", "x"), ("index",), ("status",), ("forget", "--yes", "documents")):
        fails(own.run(*arguments), 2, str(own.index), "your documents are untouched")


def test_an_index_open_to_others(own: Localsearch) -> None:
    own.index.chmod(0o755)
    fails(own.run("query", "x"), 4, "can be entered by other users", f"chmod 700 {own.index}")


def test_a_folder_with_other_things_is_not_made_an_index(program: Localsearch) -> None:
    fails(program.run("index", "--index", "documents", "documents"), 4, "is not empty")


def test_a_full_disk_keeps_what_was_there(own: Localsearch) -> None:
    (own.documents / "new.txt").write_text("canteen " * 20_000)
    limit = 200_000
    done = subprocess.run(
        [*own.command, "index"],
        cwd=own.folder,
        env=own.environment,
        capture_output=True,
        text=True,
        check=False,
        # A file that would grow beyond the limit fails as on a full disk.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    fails(done, 4, str(own.index), "free disk space")
    assert own.run("query", "--paths", "--mode", "keyword", "tenant").stdout == "documents/lease.md\n"
    assert own.run("index").returncode == 0
    assert own.run("query", "--paths", "--mode", "keyword", "canteen").stdout == "documents/new.txt\n"


# Evaluation


def test_a_set_in_another_layout(program: Localsearch) -> None:
    fails(program.run("eval", "documents"), 1, "documents/corpus.jsonl does not exist", "qrels/test.tsv")
    (program.documents / "corpus.jsonl").write_text('{"_id": "1", "text": "x"}\nnonsense\n')
    fails(program.run("eval", "documents"), 1, "corpus.jsonl:2")
    (program.documents / "corpus.jsonl").write_text('{"_id": "1", "text": "x"}\n')
    (program.documents / "queries.jsonl").write_text('{"_id": "1", "text": "x"}\n')
    (program.documents / "qrels").mkdir()
    (program.documents / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1 1 1\n")
    fails(program.run("eval", "documents"), 1, "test.tsv:2")


# And what nobody foresaw


def test_debugging_shows_where(program: Localsearch) -> None:
    done = program.run("query", "x", environment={"LOCALSEARCH_DEBUG": "1"})
    assert "Traceback" in done.stderr and "folder.py" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("localsearch: No index at")
