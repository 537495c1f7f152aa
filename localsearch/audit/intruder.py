"""The real worker behind the real seal, whose parser tries to get out in every way that we know.

Started by `sandbox.py`, never by hand. The document is JSON that says where things lie; its name chooses the attempts.
The answer says what came of each. An attempt that the seal lets through does no harm.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import socket
from collections.abc import Callable, Mapping
from typing import Any

from localsearch.audit.attempts import ATTEMPTS, LIBRARY
from localsearch.ingest.parse import worker
from localsearch.ingest.parse.limits import Limits
from localsearch.privacy import allowed, attempts, calls
from localsearch.records import Block, BlockKind, Document, Parsed

Attempt = Callable[[Mapping[str, Any]], object]

_NUMBERS = range(600)
_RECENT = 424
"""From here on the filter says ENOSYS, as the kernel does for a number that it does not know."""
_PROBES = (335, 336)
"""Traps of the kernel's own on x86_64, which no filter sees; they end a process that calls them."""
_X32 = (0x40000000, 0x40000002, 0x40000029, 0x4000003B)
"""read, open, socket and execve of the other instruction set that an x86_64 kernel may know."""


def main(start: dict[str, Any]) -> None:
    vars(worker)["_parse"] = _intrude
    worker.main(start)


def _intrude(descriptor: int, name: str, size: int, _: Limits) -> Parsed:
    places = json.loads(os.pread(descriptor, size, 0)) | {"document": descriptor}
    text = json.dumps(GROUPS[name](places))
    return Parsed((Document((Block(BlockKind.PARAGRAPH, text),)),), type="txt")


def _tried(table: Mapping[str, Attempt], places: Mapping[str, Any]) -> dict[str, str]:
    return {name: _outcome(attempt, places) for name, attempt in table.items()}


def _outcome(attempt: Attempt, places: Mapping[str, Any]) -> str:
    """`refused: why`, or `done`. An error with which the kernel judged the call itself is no refusal."""
    try:
        attempt(places)
    except Exception as error:
        number = error.errno if isinstance(error, OSError) and not isinstance(error, socket.gaierror) else None
        if number is None:
            return f"refused: {type(error).__name__}"
        return f"{'refused' if number in attempts.REFUSALS else 'done'}: {errno.errorcode.get(number, number)}"
    return "done"


def _in_the_librarys_thread(places: Mapping[str, Any]) -> dict[str, str]:
    """Python's attempts once more, in a thread that kreuzberg started before the worker was sealed."""
    import kreuzberg

    found: dict[str, str] = {}

    class Processor:
        def name(self) -> str:
            return "intruder"

        def process(self, result: object) -> object:
            found.update(_tried(ATTEMPTS, places))
            return result

    kreuzberg.register_post_processor(Processor())
    config = kreuzberg.ExtractionConfig(use_cache=False, postprocessor=kreuzberg.PostProcessorConfig(enabled=True))
    kreuzberg.batch_extract_bytes_sync([b"some text"], ["text/plain"], config=config)
    kreuzberg.unregister_post_processor("intruder")
    return found


def _by_number(_: Mapping[str, Any]) -> dict[str, str]:
    """Every system call that is not on the list, with arguments that make no sense to any of them."""
    if not attempts.refused(attempts.OPEN_A_FILE):
        return {"any": "done"}  # without a filter, some of them would stop this process
    known = {number: name for name, number in calls.numbers().items()}
    listed = {calls.numbers().get(rule.name) for rule in allowed.rules(0)}
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    nonsense = [ctypes.c_long(-1)] * 6
    found = {}
    for number in (*(number for number in _NUMBERS if number not in (*listed, *_PROBES)), *_X32):
        answer = libc.syscall(ctypes.c_long(number), *nonsense)
        refusal = errno.ENOSYS if _RECENT <= number < _X32[0] else errno.EACCES
        refused = answer == -1 and ctypes.get_errno() == refusal
        found[known.get(number, f"number {number}")] = "refused: by the filter" if refused else "done"
    return found


GROUPS: dict[str, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    "in Python's thread": lambda places: _tried(ATTEMPTS, places),
    "in the library's thread": _in_the_librarys_thread,
    "by the library's functions": lambda places: _tried(LIBRARY, places),
    "every other system call": _by_number,
}
