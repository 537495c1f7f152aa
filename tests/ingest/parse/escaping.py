"""The real worker with the real seal, whose parser tries to get out in every way."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from typing import Any

from localsearch.ingest.parse import worker
from localsearch.ingest.parse.source import Source
from localsearch.records import Block, BlockKind, Document, Parsed


def main(start: dict[str, Any]) -> None:
    vars(worker)["read"] = _try_everything
    worker.main(start)


def _try_everything(source: Source) -> Parsed:
    """The document says where things are; the answer says what came of each attempt."""
    places = json.loads(source.data)
    text = json.dumps({name: outcome(attempt, places) for name, attempt in ATTEMPTS.items()})
    return Parsed((Document((Block(BlockKind.PARAGRAPH, text),)),), type="txt")


def outcome(attempt: Callable[[dict[str, Any]], object], places: dict[str, Any]) -> str:
    try:
        attempt(places)
    except (OSError, RuntimeError, MemoryError, subprocess.SubprocessError) as error:
        return f"refused: {type(error).__name__}"
    return "done"


def _call(number: int, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _read(path: str) -> str:
    with open(path) as file:
        return file.read()


def _write(path: str) -> None:
    with open(path, "w") as file:
        file.write("x")


def _unix(address: str) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)


ATTEMPTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "connect": lambda places: socket.create_connection(("127.0.0.1", places["port"]), timeout=1),
    "connect locally": lambda places: _unix(places["socket"]),
    "resolve a name": lambda places: socket.getaddrinfo("example.com", 80),
    "write": lambda places: _write(places["new"]),
    "overwrite": lambda places: _write(places["secret"]),
    "delete": lambda places: os.unlink(places["secret"]),
    "read outside": lambda places: _read(places["secret"]),
    "read the environment": lambda places: _read(f"/proc/{os.getppid()}/environ"),
    "list outside": lambda places: os.listdir(os.path.dirname(places["secret"])),
    "run a program": lambda places: subprocess.run(["/bin/true"], check=True),
    "replace itself": lambda places: os.execv("/bin/true", ["true"]),
    "fork": lambda places: os.fork() or os._exit(0),
    "kill the parent": lambda places: os.kill(os.getppid(), signal.SIGTERM),
    "trace the parent": lambda places: _call({"x86_64": 101, "aarch64": 117}[os.uname().machine], 16, os.getppid()),
    "io_uring": lambda places: _call(425, 8, 0),
    "map 2 GiB": lambda places: bytes(2 << 30),
    "start a thread": lambda places: threading.Thread(target=int).start(),
    "read a library": lambda places: _read(os.__file__),
}
ALLOWED = ("start a thread",)
