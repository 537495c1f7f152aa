"""A worker that dies, hangs, floods or lies costs one document; the next one is read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localsearch.errors import LocalSearchError
from localsearch.ingest.parse.limits import Limits
from localsearch.ingest.parse.pool import ParserPool
from localsearch.records import Parsed
from tests.ingest.parse.conftest import parse_bytes

MODULE = "tests.ingest.parse.misbehaving"


@pytest.fixture(scope="module")
def stub() -> Iterator[ParserPool]:
    with ParserPool(1, limits=Limits(wall_seconds=1), module=MODULE) as pool:
        yield pool


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("exit", "parser crashed"),
        ("abort", "parser crashed"),
        ("segfault", "parser crashed"),
        ("killed", "parser crashed"),
        ("half an answer", "parser crashed"),
        ("allocate", "more than 1024 MiB of memory"),
        ("sleep", "parser took longer than 1 s"),
        ("drip", "parser took longer than 1 s"),
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


def test_processor_time_is_limited_by_the_kernel() -> None:
    with ParserPool(1, limits=Limits(cpu_seconds=1), module=MODULE) as pool:
        assert parse_bytes(pool, b"x", "spin").reason == "parser took longer than 1 s of processor time"


def test_a_worker_that_talks_does_not_wait_for_a_listener(stub: ParserPool) -> None:
    assert parse_bytes(stub, b"x", "talk").reason == "fine"


def test_a_worker_that_cannot_start_is_an_error_not_a_document() -> None:
    with ParserPool(1, module="json") as pool, pytest.raises(LocalSearchError, match="does not start"):
        parse_bytes(pool, b"x", "a.txt")
