"""The real worker with a parser that takes a minute for every document."""

from __future__ import annotations

import time
from typing import Any

from localsearch.ingest.parse import worker


def main(start: dict[str, Any]) -> None:
    vars(worker)["read"] = lambda source: time.sleep(60)
    worker.main(start)
