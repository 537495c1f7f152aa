"""The audit proves what holds, and notices what does not."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from localsearch.audit import commands, sandbox, watched
from localsearch.audit.records import Audit, Check
from localsearch.audit.terminal import Terminal


def test_nothing_gets_out_of_a_sealed_parser() -> None:
    checks = list(sandbox.attack())
    assert [check for check in checks if not check.holds] == []
    subjects = Counter(check.subject for check in checks)
    assert subjects["parser, in Python's thread"] == subjects["parser, in the library's thread"] > 85
    assert subjects["parser, every other system call"] > 500


def test_an_unsealed_parser_is_found_out() -> None:
    """The control: what is refused above can be done where nothing refuses it."""
    checks = list(sandbox.attack("tests.audit.unsealed"))
    failed = {check.what for check in checks if not check.holds}
    assert not Audit("strace", tuple(checks)).holds
    expected = {"read a file", "write a new file", "send to a program", "run a program", "start a process", "files"}
    assert expected <= failed
    assert {"connect to a program", "trace its parent", "share memory", "signal its parent", "sockets"} <= failed
    assert {"lock the document", "extract_file_sync", "batch_extract_files_sync", "any"} <= failed


@pytest.mark.program("strace")
@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("import socket; socket.socket()", "sockets"),
        ("open('elsewhere', 'w')", "files outside the index"),
        ("import sys; sys.exit(1)", "works"),
    ],
)
def test_a_command_that_trespasses_is_found_out(tmp_path: Path, code: str, seen: str) -> None:
    (tmp_path / "home").mkdir()
    bench = commands.Bench(tmp_path, "strace", (sys.executable, "-c", code))
    checks = list(commands._watched(bench, ["index"], shows=""))
    assert seen in {check.what for check in checks if not check.holds}


@pytest.mark.parametrize("tracer", [pytest.param("strace", marks=pytest.mark.program("strace")), None])
@pytest.mark.timeout(300)
def test_the_commands_keep_to_the_index(tracer: str | None) -> None:
    checks = list(commands.watch(tracer))
    assert [check for check in checks if not check.holds] == []
    assert {check.subject for check in checks} == {"index", "query", "summarize", "tui", "home folder"}


@pytest.mark.parametrize(
    ("event", "details", "line"),
    [
        ("socket.__new__", (None, 2, 1, 0), "socket(AF_2)"),
        ("socket.__new__", (None, 1, 1, 0), "socket(AF_UNIX)"),
        ("open", ("/elsewhere", "w", 0o1101), 'open("/elsewhere", O_WRONLY)'),
        ("open", ("/elsewhere", "r", 0), ""),
        ("os.rename", ("/a", "/b", -1, -1), 'rename("/a", "/b")'),
        ("import", ("x",), ""),
    ],
)
def test_what_python_reports_is_told_as_strace_tells_it(event: str, details: tuple[object, ...], line: str) -> None:
    assert watched.line_of(event, details) == line


def test_an_audit_without_checks_proves_nothing() -> None:
    assert not Audit("strace", ()).holds
    assert Audit("strace", (Check("a", "b", "c", holds=True),)).holds


def test_a_program_that_shows_nothing_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-c", "print('something')"], tmp_path, {}) as terminal:
        terminal.wait_for("something")
        with pytest.raises(TimeoutError):
            terminal.wait_for("something else")
        assert terminal.end() == 0
