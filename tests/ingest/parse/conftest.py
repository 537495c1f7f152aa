"""What the tests of parsing share: one worker, and short ways to ask it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from localsearch.ingest.parse.pool import ParserPool
from localsearch.records import Block, Document, Parsed

Parse = Callable[[bytes, str], Parsed]
Read = Callable[[bytes, str], Document]


@pytest.fixture(scope="session")
def pool() -> Iterator[ParserPool]:
    """The real thing: one sealed worker for all tests."""
    with ParserPool(1) as pool:
        yield pool


@pytest.fixture
def parse(pool: ParserPool) -> Parse:
    """Parse bytes under a file name."""
    return lambda data, name: parse_bytes(pool, data, name)


@pytest.fixture
def read(parse: Parse) -> Read:
    """Parse bytes that hold exactly one document."""

    def read(data: bytes, name: str) -> Document:
        parsed = parse(data, name)
        assert parsed.reason == ""
        (document,) = parsed.documents
        return document

    return read


def parse_bytes(pool: ParserPool, data: bytes, name: str) -> Parsed:
    descriptor = os.memfd_create("document")
    try:
        os.write(descriptor, data)
        return pool.parse(descriptor, name)
    finally:
        os.close(descriptor)


def lines(document: Document) -> list[tuple[str, str]]:
    """Kind and text of every block."""
    return [(block.kind.value, block.text) for block in document.blocks]


def block_with(document: Document, text: str) -> Block:
    """The first block that holds a text."""
    return next(block for block in document.blocks if text in block.text)
