"""The real worker whose answer is the modules that were imported after it was sealed."""

from __future__ import annotations

import sys
from typing import Any

from localsearch.ingest.parse import table, worker
from localsearch.ingest.parse.source import Source
from localsearch.privacy import seal_worker
from localsearch.records import Block, BlockKind, Document, Parsed

_sealed_with: set[str] = set()


def main(start: dict[str, Any]) -> None:
    vars(worker)["seal_worker"] = _remember
    vars(worker)["read"] = _read
    worker.main(start)


def _remember(**options: Any) -> object:
    _sealed_with.update(sys.modules)
    return seal_worker(**options)


def _read(source: Source) -> Parsed:
    parsed = table.read(source)
    tried = [text for text in (parsed.reason, *parsed.notes) if "No module" in text]
    text = " ".join([*sorted(set(sys.modules) - _sealed_with), *tried])
    return Parsed((Document((Block(BlockKind.PARAGRAPH, text or "none"),)),), type="txt")
