"""A worker that dies, hangs, floods or lies costs one document; the next one is read."""

from __future__ import annotations

import errno
import mmap
import os
from collections.abc import Iterator

import pytest

from localsearch.errors import LocalSearchError
from localsearch.ingest.parse.limits import Limits
from localsearch.ingest.parse.pool import ParserPool
from localsearch.records import Parsed
from tests.ingest.parse import samples
from tests.ingest.parse.conftest import parse_bytes

MODULE = "tests.ingest.parse.misbehaving"


@pytest.fixture(scope="module")
def stub() -> Iterator[ParserPool]:
    with ParserPool(1, limits=Limits(asleep_seconds=1), module=MODULE) as pool:
        yield pool


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("exit", "parser crashed"),
        ("abort", "parser crashed"),
        ("segfault", "parser crashed"),
        ("half an answer", "parser crashed"),
        ("allocate", "more than 1024 MiB of memory"),
        ("sleep", "parser did nothing for 1 s"),
        ("flood", "parser answered too much"),
        ("hang up", "parser answered nonsense"),
        ("not JSON", "parser answered nonsense"),
        ("not UTF-8", "parser answered nonsense"),
        ("another shape", "parser answered nonsense"),
        ("nested", "parser answered nonsense"),
    ],
)
def test_a_fault_costs_one_line(stub: ParserPool, action: str, reason: str) -> None:
    assert parse_bytes(stub, b"x", action) == Parsed(reason=reason)
    assert parse_bytes(stub, b"x", "good").reason == "fine"


@pytest.mark.parametrize(
    ("action", "reason"),
    [("killed", "parser was ended from outside"), ("terminated", "parser was ended from outside")],
)
def test_a_fault_of_the_machine_is_not_held_against_the_document(stub: ParserPool, action: str, reason: str) -> None:
    assert parse_bytes(stub, b"x", action) == Parsed(reason=reason, transient=True)
    assert parse_bytes(stub, b"x", "good").reason == "fine"


@pytest.mark.parametrize("action", ["stop", "drip"])
def test_a_worker_that_the_machine_keeps_waiting_is_given_up(action: str) -> None:
    with ParserPool(1, limits=Limits(wall_seconds=1), module=MODULE) as pool:
        late = Parsed(reason="parser took longer than 1 s on a busy machine", transient=True)
        assert parse_bytes(pool, b"x", action) == late
        while (answer := parse_bytes(pool, b"x", "good")) == late:
            pass  # the machine is busy: a second was too short for an answer that was on its way
        assert answer.reason == "fine"


def test_a_disk_that_fails_is_not_held_against_the_document(pool: ParserPool) -> None:
    """Reading a folder fails as reading from a broken disk does."""
    folder = os.open("/", os.O_RDONLY)
    try:
        parsed = pool.parse(folder, "report.txt")
    finally:
        os.close(folder)
    assert parsed == Parsed(reason="cannot be read now: is a directory", transient=True)


def test_a_machine_short_of_memory_is_not_held_against_the_document(
    stub: ParserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> mmap.mmap:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(mmap, "mmap", refuse)
    parsed = parse_bytes(stub, b"x", "allocate")
    assert parsed == Parsed(reason="not enough memory on this machine", transient=True)


@pytest.mark.parametrize("name", ["report.pdf", "reports.zip"])
def test_a_missing_library_is_not_held_against_the_document(name: str) -> None:
    document = samples.pdf([["Tide tables"]])
    data = document if name == "report.pdf" else samples.packed({"a.txt": "read", "b.pdf": document})
    with ParserPool(1, module="tests.ingest.parse.without_library") as pool:
        parsed = parse_bytes(pool, data, name)
        assert parsed.transient
        assert parsed.reason.startswith("the PDF library cannot be loaded")
        assert parse_bytes(pool, b"still read", "a.txt").documents


def test_processor_time_is_limited_from_outside() -> None:
    with ParserPool(1, limits=Limits(cpu_seconds=1), module=MODULE) as pool:
        worked = Parsed(reason="parser took longer than 1 s of processor time", transient=False)
        assert parse_bytes(pool, b"x", "spin") == worked, "it is the document's fault, and remembered"


def test_a_worker_that_talks_does_not_wait_for_a_listener(stub: ParserPool) -> None:
    assert parse_bytes(stub, b"x", "talk").reason == "fine"


def test_a_worker_that_cannot_start_is_an_error_not_a_document() -> None:
    with ParserPool(1, module="json") as pool, pytest.raises(LocalSearchError, match="does not start"):
        parse_bytes(pool, b"x", "a.txt")
