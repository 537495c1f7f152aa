"""The whole audit."""

from __future__ import annotations

from collections.abc import Callable

from localsearch.audit import commands, sandbox, trace
from localsearch.audit.records import Audit, Check


def audit(tell: Callable[[Check], None] = lambda _: None) -> Audit:
    """Attack a parser process, then watch the commands at work. `tell` hears of every check as it is done."""
    tracer = trace.strace()
    checks = []
    for found in (sandbox.attack(), commands.watch(tracer)):
        for check in found:
            checks.append(check)
            tell(check)
    return Audit("strace" if tracer else "Python", tuple(checks))
