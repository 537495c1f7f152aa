"""The process that reads documents. It is sealed before the first one and answers one question at a time.

Started by `process.py`, never by hand.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import sysconfig
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import localsearch
from localsearch.ingest.parse import clean, protocol, refusals
from localsearch.ingest.parse.limits import Limits
from localsearch.ingest.parse.preload import preload
from localsearch.ingest.parse.process import LIBRARIES
from localsearch.ingest.parse.source import Budget, Source, Unavailable, Unreadable
from localsearch.ingest.parse.table import read
from localsearch.privacy import confine, die_with_parent, seal_worker
from localsearch.records import Document, Parsed

_REQUEST = 64 * 1024
"""Bytes; a request is a file name in JSON."""


def main(start: dict[str, Any]) -> None:
    """Answer until the parent hangs up. `start`: inherited `socket`, `parent` process id, `limits`."""
    connection = socket.socket(fileno=start["socket"])
    die_with_parent(start["parent"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then hangs up
    limits = Limits(**start["limits"])
    # Before the first thread: it and those that the libraries start are covered alike.
    confine(readable=_readable(), writable=[Path(os.environ["TMPDIR"])])
    preload()
    layers = seal_worker(memory=limits.memory)
    _send(connection, json.dumps(asdict(layers)).encode())
    while (request := _receive(connection)) is not None:
        name, size, descriptor = request
        try:
            answer = _answer(_parse(descriptor, name, size, limits), limits)
        finally:
            os.close(descriptor)
        _send(connection, answer)


def _parse(descriptor: int, name: str, size: int, limits: Limits) -> Parsed:
    """Read one document; what a parser cannot read becomes its reason. A want of memory ends the worker."""
    if reason := refusals.by_name(name):
        return Parsed(reason=reason, type=refusals.kind_of(name))
    try:
        source = Source(data=_content(descriptor, size, limits), name=name, limits=limits, budget=Budget.of(limits))
        return read(source)
    except Unreadable as error:
        return Parsed(reason=clean.one_line(str(error)) or "not readable")
    except Unavailable as error:
        return Parsed(reason=str(error), transient=True)


def _answer(parsed: Parsed, limits: Limits) -> bytes:
    """The answer on the wire, with no more text than is allowed."""
    answer = protocol.encode(_shortened(parsed, limits.text_bytes))
    if len(answer) > limits.answer_bytes:
        return protocol.encode(Parsed(reason=f"more than {limits.text_bytes >> 20} MiB of text", type=parsed.type))
    return answer


def _shortened(parsed: Parsed, allowed: int) -> Parsed:
    """The documents up to so many bytes of text, with a note when something was left out."""
    kept: list[Document] = []
    left = allowed
    for document in parsed.documents:
        blocks = []
        for block in document.blocks:
            size = len(block.text) if block.text.isascii() else len(block.text.encode())
            if size > left:
                blocks.append(replace(block, text=block.text[: left // 4], header=""))
            else:
                blocks.append(block)
            left -= size
            if left < 0:
                break
        kept.append(replace(document, blocks=tuple(blocks)))
        if left < 0:
            break
    if left >= 0:
        return parsed
    notes = (f"only the first {allowed >> 20} MiB of text were read", *parsed.notes)
    return replace(parsed, documents=tuple(kept), notes=notes)


def _content(descriptor: int, size: int, limits: Limits) -> bytes:
    """All bytes of the file, which has so many. The offset belongs to the parent as well, so it is left alone.

    Raises Unreadable and Unavailable.
    """
    if size == 0:
        raise Unreadable("empty file")
    if size > limits.file_bytes:
        raise Unreadable(f"larger than {limits.file_bytes >> 20} MiB")
    chunks: list[bytes] = []
    done = 0
    try:
        while chunk := os.pread(descriptor, size - done, done):
            chunks.append(chunk)
            done += len(chunk)
    except OSError as error:
        raise Unavailable(f"cannot be read now: {os.strerror(error.errno or 0).lower()}") from None
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _readable() -> Iterator[Path]:
    """Where the interpreter, its standard library, ours and the system's lie."""
    paths = sysconfig.get_paths()
    yield from (Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"))
    yield from map(Path, localsearch.__path__)
    for name in LIBRARIES:
        spec = importlib.util.find_spec(name)
        if spec is not None:
            yield from (Path(folder).parent for folder in spec.submodule_search_locations or ())


def _receive(connection: socket.socket) -> tuple[str, int, int] | None:
    """The next document's name, size in bytes and open descriptor; None when the parent has hung up."""
    message, descriptors, _, _ = socket.recv_fds(connection, _REQUEST, 1)
    if not message or not descriptors:
        return None
    (length,) = protocol.HEADER.unpack_from(message)
    body = message[protocol.HEADER.size :]
    while len(body) < length:
        more = os.read(connection.fileno(), length - len(body))
        if not more:
            return None
        body += more
    name, size = json.loads(body)
    return str(name), int(size), descriptors[0]


def _send(connection: socket.socket, answer: bytes) -> None:
    """Written like a pipe: `send` has an argument for an address, so the seal does not allow it."""
    frame = memoryview(protocol.HEADER.pack(len(answer)) + answer)
    while frame:
        frame = frame[os.write(connection.fileno(), frame) :]
