"""`reaching` on a kernel without Landlock: seccomp alone must hold, in every thread."""

from __future__ import annotations

from typing import Any

from localsearch.privacy import landlock
from tests.ingest.parse import reaching


def main(start: dict[str, Any]) -> None:
    vars(landlock)["version"] = lambda: 0
    reaching.main(start)
