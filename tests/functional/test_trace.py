"""What the kernel saw: no socket but local ones, and no file outside the index folder."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PATIENCE
from tests.functional.conftest import Localsearch

pytestmark = pytest.mark.program("strace")

Tool = Callable[[str], str]

CALLS = (
    "network,io_uring_setup,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,"
    "link,linkat,symlink,symlinkat,mknod,mknodat,truncate"
)
MAKES = re.compile(r"\b(creat|mkdir(?:at)?|rename(?:at2?)?|link(?:at)?|symlink(?:at)?|mknod(?:at)?|truncate)\(")
PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')


def trace(program: Localsearch, strace: str, output: Path, *arguments: str) -> list[str]:
    """Run a command under strace; the calls of all its processes and threads that succeeded or tried a socket."""
    command = [strace, "-f", "-qq", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(output)]
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
    """Attempts to make a socket, or to reach an address, of any family but AF_UNIX; and io_uring, which can do both."""
    families = (re.search(r"\bsocket(?:pair)?\((\w+)|sa_family=(\w+)", call) for call in calls)
    reached = [call for call, found in zip(calls, families, strict=True) if found and "AF_UNIX" not in found.groups()]
    return reached + [call for call in calls if "io_uring_setup(" in call]


def is_unpacked(path: str) -> bool:
    """Whether a parser process unpacked its PDF library there before it was sealed, and has removed it.

    The first name is the folder it makes, the second the file by which Python tries out a temporary folder.
    """
    place = rf"{re.escape(tempfile.gettempdir())}/(localsearch-parser-\w{{8}}(/.*)?|\w{{8}})"
    return re.fullmatch(place, path) is not None and not os.path.lexists(path)


def outside(calls: list[str], index: Path) -> list[str]:
    """Calls that made, renamed or wrote a file elsewhere than in the index folder."""
    found = []
    for call in calls:
        writes = "openat(" in call and re.search(r"O_CREAT|O_WRONLY|O_RDWR|O_TRUNC|O_TMPFILE", call)
        if not (writes or MAKES.search(call)) or re.search(r"= -1 E", call):
            continue
        paths = [path for path in PATH.findall(call) if not is_unpacked(path)]
        if not all(f"{path}/".startswith((f"{index}/", "/dev/null/")) for path in paths):
            found.append(call)
    return found


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
        [tool("strace"), "-f", "-qq", "-e", f"trace={CALLS}", "-o", str(output), *python, code],
        cwd=program.folder,
        env=program.environment,
        check=True,
    )
    calls = output.read_text().splitlines()
    found = {"sockets": sockets(calls), "outside": outside(calls, program.index)}
    assert [kind for kind, some in found.items() if some] == [seen]
