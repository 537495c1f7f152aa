"""Ctrl-C ends the parsers at work instead of waiting for them."""

from __future__ import annotations

import functools
import math
from pathlib import Path

import pytest

from localsearch import Index, Progress
from localsearch.ingest import pipeline
from localsearch.ingest.parse.limits import Limits
from localsearch.ingest.parse.pool import ParserPool
from tests.conftest import TINY


def test_an_interrupted_run_does_not_wait_for_its_parsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second document is never done, and nothing else would end its parser."""
    forever = Limits(asleep_seconds=math.inf, wall_seconds=1e9)
    pool = functools.partial(ParserPool, module="tests.ingest.parse.sleeping", limits=forever)
    monkeypatch.setattr(pipeline, "ParserPool", pool)
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "a.txt").write_text("Tide tables for May")
    (documents / "b.slow.txt").write_text("never read")

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with Index.create(tmp_path / "index", encoder=TINY) as index, pytest.raises(KeyboardInterrupt):
        index.add(documents, workers=2, progress=interrupt)
