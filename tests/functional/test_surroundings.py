"""What a caller may leave behind: closed streams, a folder that is gone, bytes that are no text."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.conftest import PATIENCE
from tests.functional.conftest import Localsearch

NOTICE = ("query", "--mode", "keyword", "-k", "1", "tenant")


def run_without(program: Localsearch, closed: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run it by a shell that closes streams: `>&-`."""
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *program.command, *arguments]
    return subprocess.run(
        command, cwd=program.folder, env=program.environment, capture_output=True, check=False, timeout=PATIENCE
    )


@pytest.mark.parametrize("arguments", [NOTICE, ("status", "--json")], ids=" ".join)
def test_output_that_cannot_be_delivered_is_a_failure(indexed: Localsearch, arguments: tuple[str, ...]) -> None:
    done = run_without(indexed, ">&-", *arguments)
    assert done.returncode == 4
    assert done.stderr.startswith(b"localsearch: Cannot write the output") and done.stderr.count(b"\n") == 1
    assert run_without(indexed, ">&- 2>&-", *arguments).returncode == 4


def test_closed_streams_that_are_not_needed_are_not_missed(own: Localsearch) -> None:
    before = (own.index / "localsearch.db").read_bytes()
    done = run_without(own, "<&- 2>&-", *NOTICE)
    assert (done.returncode, done.stderr) == (0, b"") and b"lease.md" in done.stdout
    (own.documents / "new.txt").write_text("A pelican lives here.")
    assert run_without(own, "<&- >&- 2>&-", "index").returncode == 0
    assert "new.txt" in own.run("query", "--mode", "keyword", "pelican").stdout
    assert (own.index / "localsearch.db").read_bytes()[:16] == before[:16], "no file of the index was the screen"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("query", "-"), b"The query is empty"),
        (("tui",), b"needs a terminal"),
    ],
)
def test_a_closed_stdin_is_an_empty_one(indexed: Localsearch, arguments: tuple[str, ...], words: bytes) -> None:
    done = run_without(indexed, "<&-", *arguments)
    assert done.returncode == 1
    assert words in done.stderr and done.stderr.count(b"\n") == 1


def run_nowhere(program: Localsearch, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run it in a folder that has been deleted."""
    command = ["sh", "-c", 'mkdir nowhere && cd nowhere && rmdir ../nowhere && exec "$@"', "sh", *program.command]
    return subprocess.run(
        [*command, *arguments],
        cwd=program.folder,
        env=program.environment,
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize(
    "arguments", [("--index", "index", "status"), ("index", "."), ("query", "--path", "./x", "tenant")], ids=" ".join
)
def test_a_folder_that_is_gone_is_named_where_it_is_needed(indexed: Localsearch, arguments: tuple[str, ...]) -> None:
    done = run_nowhere(indexed, *arguments)
    assert done.returncode == 1
    assert b"he current folder is gone" in done.stderr and done.stderr.count(b"\n") == 1


def test_a_folder_that_is_gone_is_not_missed_otherwise(indexed: Localsearch) -> None:
    assert b"lease.md" in run_nowhere(indexed, *NOTICE).stdout
    program = Localsearch(
        indexed.folder, {name: value for name, value in indexed.environment.items() if name != "LOCALSEARCH_INDEX"}
    )
    assert b"No index at" in run_nowhere(program, *NOTICE).stderr


@pytest.mark.parametrize("mode", ["keyword", "semantic", "hybrid"])
def test_bytes_that_are_no_text_are_blanks(indexed: Localsearch, mode: str) -> None:
    done = indexed.run("query", "--mode", mode, b"tenant\xf6 \xdflandlord")
    assert done.returncode == 0, done.stderr
    assert "lease.md" in done.stdout
    assert indexed.run("summarize", "--mode", mode, "--query", b"tenant\xf6").returncode == 0
    nothing = indexed.run("query", "--mode", mode, b"\xf6\xdf")
    assert (nothing.returncode, nothing.stdout) == (1, "") and "The query is empty" in nothing.stderr


def test_a_path_that_is_no_text_can_be_filtered_by(own: Localsearch) -> None:
    (own.documents / os.fsdecode(b"gr\xf6\xdfe.txt")).write_text("A pelican lives here.")
    assert own.run("index").returncode == 0
    found = own.run("query", "--mode", "keyword", "--json", "--path", b"gr\xf6*", "pelican lives")
    assert found.returncode == 0 and "pelican" in found.stdout
    assert "pelican" not in own.run("query", "--mode", "keyword", "--path", b"gr\xf7*", "pelican lives").stdout
