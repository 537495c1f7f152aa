"""The intruder in a worker without any seal."""

from __future__ import annotations

import errno
from typing import Any

from localsearch.audit import intruder
from localsearch.privacy import kernel, landlock, seccomp


def main(start: dict[str, Any]) -> None:
    def install(_: bytes) -> None:
        raise kernel.KernelRefusal(errno.ENOSYS, "no seccomp")

    vars(seccomp)["install"] = install
    vars(landlock)["version"] = lambda: 0
    intruder.main(start)
