"""The real worker on a machine that has nowhere to unpack the PDF library."""

from __future__ import annotations

import os
from typing import Any

from localsearch.ingest.parse import worker


def main(start: dict[str, Any]) -> None:
    os.environ["TMPDIR"] = f"{os.devnull}/none"
    worker.main(start)
