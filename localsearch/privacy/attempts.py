"""What a sealed process tries on itself, to see that it is refused. Whatever got through would do no harm.

The kernel looks at a call only when no filter refused it, so most attempts name something that is not there: the
answer then tells who gave it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from localsearch.privacy import calls, kernel

_HERE = -100  # AT_FDCWD
_NOBODY = -1  # no descriptor
_AF_UNIX, _SOCK_STREAM = 1, 1
_IMPOSSIBLE_CHILD = 0x00000800  # clone: shared signal handlers without shared memory
REFUSALS = (errno.EACCES, errno.EPERM, errno.ENOSYS)

OPEN_A_FILE = "open a file"


def _call(name: str, *arguments: int | bytes | None) -> int:
    return kernel.call(calls.numbers()[name], *arguments)


def _open(path: bytes, flags: int) -> None:
    os.close(_call("openat", _HERE, path, flags, 0))


def _socket() -> None:
    os.close(_call("socket", _AF_UNIX, _SOCK_STREAM, 0))


ATTEMPTS: dict[str, Callable[[], object]] = {
    OPEN_A_FILE: lambda: _open(b"/", os.O_RDONLY),
    "write a file": lambda: _open(os.devnull.encode(), os.O_WRONLY),
    "make a socket": _socket,
    "connect": lambda: _call("connect", _NOBODY, b"\1\0/", 3),
    "send to an address": lambda: _call("sendto", _NOBODY, b"", 0, 0, b"\1\0/", 3),
    "run a program": lambda: _call("execve", b"", None, None),
    "start a process": lambda: _call("clone", _IMPOSSIBLE_CHILD, 0, 0, 0, 0),
    "signal its parent": lambda: os.kill(os.getppid(), 0),
}


def refused(name: str) -> bool:
    """Try it: whether the seal refused."""
    try:
        ATTEMPTS[name]()
    except (OSError, KeyError) as error:  # KeyError: an architecture without a table, and so without a filter
        return isinstance(error, OSError) and error.errno in REFUSALS
    return False


def not_refused() -> tuple[str, ...]:
    """Try everything: the names of what the seal let through."""
    return tuple(name for name in ATTEMPTS if not refused(name))
