"""A command that watches itself, where strace is absent: `python -m localsearch.audit.watched LOG ARGUMENT...`.

Python reports what its own functions do (`sys.addaudithook`). Native code is not seen; that it can reach no network is
the seal's part. Lines are written as strace writes them, so that one reader serves both.
"""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CHANGES = {
    "os.mkdir": "mkdir",
    "os.rename": "rename",
    "os.link": "link",
    "os.symlink": "symlink",
    "os.truncate": "truncate",
    "os.remove": "unlink",
    "os.rmdir": "rmdir",
}


def main() -> None:
    log, *arguments = sys.argv[1:]
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(event: str, details: tuple[Any, ...]) -> None:
        line = line_of(event, details)
        if line:
            os.write(descriptor, f"{os.getpid()} {line} = 0\n".encode("utf-8", "backslashreplace"))

    sys.addaudithook(note)
    sys.argv[1:] = arguments
    runpy.run_module("localsearch", run_name="__main__", alter_sys=True)


def line_of(event: str, details: tuple[Any, ...]) -> str:
    """An event as a system call; empty when it reaches no socket and changes no file."""
    if event == "socket.__new__":
        return f"socket({_family(details[1])})"
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        return f"{event.partition('.')[2]}({{sa_family={_family(details[0].family)}}})"
    if event == "open" and isinstance(details[2], int) and details[2] & _WRITING:
        return f"open({_quoted(details[0])}, O_WRONLY)"
    if event in _CHANGES:
        paths = [detail for detail in details if isinstance(detail, str | bytes | os.PathLike)]
        return f"{_CHANGES[event]}({', '.join(_quoted(path, _base(event, details)) for path in paths)})"
    return ""


def _family(family: int) -> str:
    return "AF_UNIX" if family == 1 else f"AF_{int(family)}"


def _base(event: str, details: tuple[Any, ...]) -> str:
    """The folder that relative paths of an event start from: an open one, which comes last, or the current one."""
    descriptor = -1 if event == "os.truncate" else details[-1]
    if isinstance(descriptor, int) and descriptor >= 0:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    return os.getcwd()


def _quoted(path: Any, base: str = "") -> str:
    if isinstance(path, int):
        return str(path)
    absolute = os.path.abspath(os.path.join(base, os.fsdecode(path)))
    return '"' + absolute.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    main()
