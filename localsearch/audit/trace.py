"""A program under strace: every system call by which it, or what it starts, reaches a socket or changes a file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

CALLS = (
    "network,io_uring_setup,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,"
    "link,linkat,symlink,symlinkat,mknod,mknodat,truncate,truncate64,unlink,unlinkat,rmdir"
)
_MAKES = re.compile(
    r"\b(creat|mkdir(?:at)?|rename(?:at2?)?|link(?:at)?|symlink(?:at)?|mknod(?:at)?|truncate(?:64)?|unlink(?:at)?|rmdir)\("
)
_OPENS = re.compile(r"\bopen(?:at2?)?\(.*\b(O_CREAT|O_WRONLY|O_RDWR|O_TRUNC|O_TMPFILE)\b")
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FAMILY = re.compile(r"\bsocket(?:pair)?\((\w+)|sa_family=(\w+)")
_REFUSED = re.compile(r"= -1 E")


def strace() -> str | None:
    """The program, when it is there and may trace; None otherwise, as in some containers."""
    found = shutil.which("strace")
    if found is None:
        return None
    tried = subprocess.run([found, "-o", os.devnull, "true"], capture_output=True, check=False)
    return found if tried.returncode == 0 else None


def command(program: str, output: Path) -> list[str]:
    """The beginning of a command line that traces what follows, with all its processes and threads."""
    return [program, "-f", "-qq", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(output)]


def sockets(calls: Iterable[str]) -> list[str]:
    """Attempts to make a socket, or to reach an address, of any family but AF_UNIX; and io_uring, which can do both."""
    return [call for call in calls if "io_uring_setup(" in call or _is_outward(call)]


def _is_outward(call: str) -> bool:
    family = _FAMILY.search(call)
    return family is not None and "AF_UNIX" not in family.groups()


def outside(calls: Iterable[str], allowed: Sequence[Path]) -> list[str]:
    """Calls that made, changed or removed a file elsewhere than below the allowed folders."""
    places = (*(f"{folder}/" for folder in allowed), f"{os.devnull}/")
    return [call for call in calls if any(not f"{path}/".startswith(places) for path in _changed(call))]


def _changed(call: str) -> Iterator[str]:
    """The paths that a call changed; none for one that failed, or read only."""
    if _REFUSED.search(call) or not (_MAKES.search(call) or _OPENS.search(call)):
        return
    for path in _PATH.findall(call):
        if not is_unpacked(path):
            yield path


def is_unpacked(path: str) -> bool:
    """Whether a parser process unpacked its PDF library there before it was sealed, and its parent has removed it.

    The first name is the folder for it, the second the file by which Python tries out a temporary folder; what is
    removed from a folder is named without its place.
    """
    place = rf"{re.escape(tempfile.gettempdir())}/(localsearch-parser-\w{{8}}(/.*)?|\w{{8}})"
    inside = path in ("kreuzberg-pdfium", "libpdfium.so") or re.fullmatch(place, path) is not None
    return inside and not os.path.lexists(path)
