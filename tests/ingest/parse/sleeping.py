"""The real worker with a parser that sleeps over some documents, named `*.slow.txt`."""

from __future__ import annotations

import time
from typing import Any

from localsearch.ingest.parse import table, worker
from localsearch.ingest.parse.source import Source
from localsearch.records import Parsed


def main(start: dict[str, Any]) -> None:
    vars(worker)["read"] = _read
    worker.main(start)


def _read(source: Source) -> Parsed:
    if source.name.endswith(".slow.txt"):
        time.sleep(600)
    return table.read(source)
