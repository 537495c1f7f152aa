"""Workers that misbehave in every way a taken-over one could. What each does is the name of the document."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from localsearch.ingest.parse import protocol, worker

GOOD = {"documents": [], "reason": "fine", "type": "txt", "notes": [], "transient": False}


def main(start: dict[str, Any]) -> None:
    """A worker that lies about its seal, and does what the document's name says."""
    connection = socket.socket(fileno=start["socket"])
    layers = {"system_calls": True, "files": True, "limits": True, "let_through": []}
    worker._send(connection, json.dumps(layers).encode())
    while (request := worker._receive(connection)) is not None:
        name, _, descriptor = request
        os.close(descriptor)
        ACTIONS[name](connection)


def _answer(connection: socket.socket, answer: object) -> None:
    worker._send(connection, answer if isinstance(answer, bytes) else json.dumps(answer).encode())


def _segfault(connection: socket.socket) -> None:
    ctypes.string_at(0)


def _half_an_answer(connection: socket.socket) -> None:
    connection.sendall(protocol.HEADER.pack(100) + b"{")
    os._exit(0)


def _allocate(connection: socket.socket) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))
    _answer(connection, bytes(1 << 30))


def _spin(connection: socket.socket) -> None:
    """Without end, and deaf to the kernel's signal that processor time is used up."""
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True:
        pass


def _flood(connection: socket.socket) -> None:
    connection.sendall(protocol.HEADER.pack(0xFFFFFFF0))
    connection.sendall(b"x" * (1 << 20))
    time.sleep(3600)


def _drip(connection: socket.socket) -> None:
    """Never silent for long, always at work, never done."""
    connection.sendall(protocol.HEADER.pack(1000))
    for _ in range(1000):
        connection.sendall(b" ")
        rest = time.monotonic() + 0.05
        while time.monotonic() < rest:
            pass


def _talk(connection: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(sys.stderr.fileno(), b"x" * 4096)
    _answer(connection, GOOD)


def _hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)
    time.sleep(3600)


ACTIONS: dict[str, Callable[[socket.socket], None]] = {
    "good": lambda connection: _answer(connection, GOOD),
    "exit": lambda connection: os._exit(0),
    "abort": lambda connection: os.abort(),
    "segfault": _segfault,
    "terminated": lambda connection: os.kill(os.getpid(), signal.SIGTERM),
    "killed": lambda connection: os.kill(os.getpid(), signal.SIGKILL),
    "half an answer": _half_an_answer,
    "allocate": _allocate,
    "spin": _spin,
    "stop": lambda connection: os.kill(os.getpid(), signal.SIGSTOP),
    "sleep": lambda connection: time.sleep(3600),
    "drip": _drip,
    "flood": _flood,
    "talk": _talk,
    "hang up": _hang_up,
    "not JSON": lambda connection: _answer(connection, b"pickle"),
    "not UTF-8": lambda connection: _answer(connection, b'{"documents": "\xff"}'),
    "another shape": lambda connection: _answer(connection, [1, 2, 3]),
    "nested": lambda connection: _answer(connection, b"[" * 100_000),
}
