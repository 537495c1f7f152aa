"""What the kernel saw: no socket but local ones, and no file outside the index folder."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from localsearch.audit import trace as tracing
from tests.conftest import PATIENCE
from tests.functional.conftest import Localsearch

pytestmark = pytest.mark.program("strace")

Tool = Callable[[str], str]


def trace(program: Localsearch, strace: str, output: Path, *arguments: str) -> list[str]:
    """Run a command under strace; the calls of all its processes and threads that succeeded or tried a socket."""
    command = tracing.command(strace, output)
    done = subprocess.run(
        [*command, *program.command, *arguments],
        cwd=program.folder,
        env=program.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    calls = output.read_text(errors="replace").splitlines()
    assert len(calls) > 100, "strace saw next to nothing"
    return calls


def sockets(calls: list[str]) -> list[str]:
    return tracing.sockets(calls)


def outside(calls: list[str], index: Path) -> list[str]:
    return tracing.outside(calls, [index])


def test_indexing_and_searching_touch_nothing_but_the_index(program: Localsearch, tool: Tool, tmp_path: Path) -> None:
    strace = tool("strace")
    for number, arguments in enumerate(
        (
            ("index", "documents"),
            ("index",),
            ("query", "the landlord's notice"),
            ("query", "--mode", "keyword", "landlord"),
            ("status",),
            ("forget", "--yes", "documents/deep"),
        )
    ):
        calls = trace(program, strace, tmp_path / f"trace-{number}", *arguments)
        assert sockets(calls) == [], arguments
        assert outside(calls, program.index) == [], arguments
    assert sorted((program.folder / "home").rglob("*")) == []


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("import socket; socket.socket()", "sockets"),
        ("open('elsewhere', 'w')", "outside"),
        ("import os; os.mkdir('elsewhere')", "outside"),
    ],
)
def test_the_trace_would_notice(program: Localsearch, tool: Tool, tmp_path: Path, code: str, seen: str) -> None:
    trespasser = Localsearch(program.folder, program.environment)
    python = [*trespasser.command[:-2], "-c"]
    output = tmp_path / "trace"
    subprocess.run(
        [*tracing.command(tool("strace"), output), *python, code],
        cwd=program.folder,
        env=program.environment,
        check=True,
    )
    calls = output.read_text().splitlines()
    found = {"sockets": sockets(calls), "outside": outside(calls, program.index)}
    assert [kind for kind, some in found.items() if some] == [seen]
