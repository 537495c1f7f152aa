"""`reaching` on a kernel that takes the filter and does not apply it: only who tries finds out."""

from __future__ import annotations

from typing import Any

from localsearch.privacy import seccomp
from tests.ingest.parse import reaching


def main(start: dict[str, Any]) -> None:
    vars(seccomp)["install"] = lambda _: None
    reaching.main(start)
