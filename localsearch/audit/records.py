"""What an audit found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must not be possible, or must not happen."""

    subject: str
    """What was watched or attacked: `index`, `parser, in Python's thread`."""
    what: str
    """What was tried, or looked for."""
    result: str
    """What came of it, one line."""
    holds: bool
    """Whether that is as it must be."""


@dataclass(frozen=True, slots=True)
class Audit:
    """All checks, and by which means the commands were watched."""

    watched_by: str
    """`strace`: every system call of all processes. `Python`: what its own functions do, where strace is absent."""
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        return bool(self.checks) and all(check.holds for check in self.checks)
