"""Names and contents made to take over a terminal, through every command: none of it gets there."""

from __future__ import annotations

import json
import os

import pytest

from tests.functional.conftest import Localsearch

EVIL = "\x1b]0;owned\x07\x1b[2J \x9b31m \u202egnp.exe\u2066 in\u200bvisible \U000e0041 \x7f\x08\r"
NAMES = (
    b"escape\x1b[31m.txt",
    b"line\nbreak.txt",
    "bidi\u202egnp.txt".encode(),
    b"invalid\xff\xfe.txt",
    b"-rf.txt",
    b"quote'\".txt",
    "信息.txt".encode(),
    b"csi\xc2\x9b31m.txt",
)


@pytest.fixture
def haunted(program: Localsearch) -> Localsearch:
    folder = os.fsencode(program.documents)
    for number, name in enumerate(NAMES):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(f"# Title {EVIL}\n\nHaunted house number {number}. {EVIL}\n")
    with open(os.path.join(folder, b"broken\x1b[5m\xff.pdf"), "wb") as file:
        file.write(b"%PDF-1.7 \x1b[31m not a pdf")
    return program


def safe(text: str) -> bool:
    return all(line.isprintable() for line in text.split("\n"))


def test_no_command_prints_anything_raw(haunted: Localsearch) -> None:
    commands = (
        ("index", "documents", "--dry-run"),
        ("index", "documents", "-v"),
        ("query", "haunted house", "-k", "20"),
        ("query", "haunted house", "-k", "20", "--full"),
        ("query", "haunted house", "-k", "20", "--paths"),
        ("query", "haunted house", "-k", "20", "--json"),
        ("status",),
        ("status", "--skipped"),
        ("status", "--json"),
        ("query", EVIL, "--mode", "keyword"),
        ("query", "x", "--after", EVIL),
        ("query", "x", "--encoder", EVIL),
        ("query", "x", "--index", EVIL),
        ("query", f"--{EVIL}", "x"),
        ("query", "x", "--mode", EVIL),
        ("index", EVIL),
        ("forget", "--yes", EVIL),
        ("eval", EVIL),
        (EVIL,),
        ("config", "show", "--index", EVIL),
        ("forget", "--yes", "documents"),
    )
    for arguments in commands:
        done = haunted.run(*arguments)
        assert safe(done.stdout), (arguments, done.stdout)
        assert safe(done.stderr), (arguments, done.stderr)
        assert "unexpected" not in done.stderr, (arguments, done.stderr)


def test_every_odd_name_is_found_again_through_json(haunted: Localsearch) -> None:
    assert haunted.run("index", "documents", "-q").returncode == 0
    hits = json.loads(haunted.run("query", "--json", "-k", "50", "haunted house").stdout)
    found = {os.path.basename(os.fsencode(hit["path"])) for hit in hits}
    assert set(NAMES) <= found
    assert all(os.path.exists(os.fsencode(hit["path"])) for hit in hits)


def test_odd_names_can_be_typed(haunted: Localsearch) -> None:
    paths = [os.path.join(os.fsencode(haunted.documents), name) for name in NAMES]
    assert haunted.run("index", "-q", *paths).returncode == 0
    forgotten = json.loads(haunted.run("forget", "--yes", "--json", *paths).stdout)
    assert [os.fsencode(one["path"]) for one in forgotten] == paths
    assert all(one["files"] == 1 for one in forgotten)


def test_words_stay_readable(haunted: Localsearch) -> None:
    haunted.run("index", "documents", "-q")
    shown = haunted.run("query", "haunted house", "-k", "20", "--full").stdout
    assert "escape<U+001B>[31m.txt" in shown and "bidi<U+202E>gnp.txt" in shown and "信息.txt" in shown
