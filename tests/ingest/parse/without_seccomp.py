"""`reaching` on a kernel without seccomp: Landlock alone must hold, in every thread."""

from __future__ import annotations

import errno
from typing import Any

from localsearch.privacy import kernel, seccomp
from tests.ingest.parse import reaching


def main(start: dict[str, Any]) -> None:
    def install(_: bytes) -> None:
        raise kernel.KernelRefusal(errno.ENOSYS, "no seccomp")

    vars(seccomp)["install"] = install
    reaching.main(start)
