"""The seal of a parser process, tried from inside, with witnesses outside."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from localsearch.audit.records import Check
from localsearch.errors import LocalSearchError
from localsearch.ingest.parse.pool import ParserPool

INTRUDER = "localsearch.audit.intruder"
GROUPS = ("by the library's functions", "in Python's thread", "in the library's thread", "every other system call")
"""Kinds of attempts that the intruder knows. The library's thread is older than the last step of the seal."""

_STREAM, _DATAGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
_TEXT = "the number is 4711"


def attack(module: str = INTRUDER) -> Iterator[Check]:
    """Have a worker of this module try everything, and look whether anything came of it."""
    with tempfile.TemporaryDirectory(prefix="localsearch-audit-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        witnesses = [
            stack.enter_context(socket.socket(socket.AF_UNIX, kind)) for kind in (_STREAM, _DATAGRAM, _DATAGRAM)
        ]
        places = _prepare(folder, witnesses)
        pool = stack.enter_context(ParserPool(1, module=module, unsealed=True))
        for group in GROUPS:
            yield from _attempts(pool, group, places)
        yield _untouched(folder)
        yield _unheard(witnesses)


def _prepare(folder: Path, witnesses: list[socket.socket]) -> dict[str, str]:
    """A file to steal, and sockets to be reached."""
    places = {
        "folder": str(folder),
        "secret": str(folder / "secret.txt"),
        "new": str(folder / "new"),
        "settings": str(folder / "settings.toml"),
        "listener": str(folder / "listener"),
        "receiver": str(folder / "receiver"),
        "abstract": f"\0localsearch-audit-{os.getpid()}",
        "text": _TEXT,
    }
    (folder / "secret.txt").write_text(_TEXT)
    (folder / "settings.toml").write_text("use_cache = false\n")
    listener, receiver, abstract = witnesses
    listener.bind(places["listener"])
    listener.listen()
    receiver.bind(places["receiver"])
    abstract.bind(places["abstract"].encode())
    for witness in witnesses:
        witness.setblocking(False)
    return places


def _attempts(pool: ParserPool, group: str, places: dict[str, str]) -> Iterator[Check]:
    subject = f"parser, {group}"
    document = os.memfd_create("document")
    try:
        os.write(document, json.dumps(places).encode())
        parsed = _parse(pool, document, group)
    except LocalSearchError as error:
        yield Check(subject, "all attempts", error.message, holds=False)
        return
    finally:
        os.close(document)
    if isinstance(parsed, str):
        yield Check(subject, "all attempts", parsed, holds=False)
        return
    for what, result in parsed.items():
        yield Check(subject, what, result, holds=result.startswith("refused"))


def _parse(pool: ParserPool, document: int, group: str) -> dict[str, str] | str:
    """What came of each attempt; or, as text, why there is no answer. The worker gets it as any document: to read."""
    read_only = os.open(f"/proc/self/fd/{document}", os.O_RDONLY)
    try:
        parsed = pool.parse(read_only, group)
    finally:
        os.close(read_only)
    if not parsed.documents:
        return f"no answer: {parsed.reason}"
    outcomes = json.loads(parsed.documents[0].text)
    return {str(what): str(result) for what, result in outcomes.items()} or "nothing was tried"


def _untouched(folder: Path) -> Check:
    """The prepared folder is as it was."""
    names = sorted(os.listdir(folder))
    expected = ["listener", "receiver", "secret.txt", "settings.toml"]
    same = names == expected and (folder / "secret.txt").read_text() == _TEXT
    result = "as they were" if same else f"changed: {', '.join(names)}"
    return Check("parser, seen from outside", "files", result, holds=same)


def _unheard(witnesses: list[socket.socket]) -> Check:
    """Nobody has connected, and nothing has arrived."""
    listener, *receivers = witnesses
    heard = []
    with contextlib.suppress(BlockingIOError):
        listener.accept()[0].close()
        heard.append("a connection")
    for receiver in receivers:
        with contextlib.suppress(BlockingIOError):
            receiver.recv(100)
            heard.append("a message")
    return Check("parser, seen from outside", "sockets", ", ".join(heard) or "nothing arrived", holds=not heard)
