"""The real worker with a parser that sleeps for a minute over every document."""

from __future__ import annotations

import time
from typing import Any

from localsearch.ingest.parse import worker


def main(start: dict[str, Any]) -> None:
    vars(worker)["read"] = lambda source: time.sleep(60)
    worker.main(start)
