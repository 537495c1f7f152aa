"""`reaching` on a kernel that has neither layer: what the others keep from it can be done."""

from __future__ import annotations

from typing import Any

from localsearch.privacy import landlock
from tests.ingest.parse import without_seccomp


def main(start: dict[str, Any]) -> None:
    vars(landlock)["version"] = lambda: 0
    without_seccomp.main(start)
