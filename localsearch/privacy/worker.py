"""The stricter seal of a parser worker: it may compute and answer, and nothing else.

Two steps, since a library must be loaded in between. `confine` comes before any thread is started, so that Landlock
covers all of them; `seal_worker` when everything is loaded, and before the first document.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from localsearch.privacy import allowed, attempts, kernel, landlock, seccomp


@dataclass(frozen=True, slots=True)
class WorkerSeal:
    """Which layers guard a worker, as it found by trying; a layer that this system lacks is False."""

    system_calls: bool
    """seccomp: no files, sockets, programs or processes. It alone is enough."""
    files: bool
    """Landlock: no files, refused a second time and by other means."""
    limits: bool
    """Memory, file size, open files and core dumps."""
    let_through: tuple[str, ...] = ()
    """What was tried and not refused; empty when `system_calls` holds."""


def confine(*, readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Keep this process, and all threads that it starts from now on, from all other files; False without Landlock."""
    return _attempt(lambda: landlock.restrict(readable=readable, writable=writable))


def seal_worker(*, memory: int, open_files: int = 64) -> WorkerSeal:
    """Seal this process for parsing hostile documents, and try whether it holds. It cannot be undone and never raises.

    `memory`: bytes of address space.
    """
    limits = _attempt(lambda: _limit(memory, open_files))
    files = _attempt(landlock.restrict) and attempts.refused(attempts.OPEN_A_FILE)
    installed = _attempt(lambda: seccomp.install(seccomp.allowing(allowed.rules(os.getpid()))))
    let_through = attempts.not_refused()
    return WorkerSeal(system_calls=installed and not let_through, files=files, limits=limits, let_through=let_through)


def lacking(seal: WorkerSeal) -> tuple[str, ...]:
    """What a run must say of its workers when a layer did not hold, a line each."""
    lines = []
    if not seal.system_calls:
        through = f": {', '.join(seal.let_through)}" if seal.let_through else ""
        lines.append(f"documents were read by processes that the kernel did not seal{through}")
    if not seal.files:
        lines.append("this kernel has no Landlock, the second of the locks that keep parsers from other files")
    return tuple(lines)


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when the thread that started it ends; at once if that has happened."""
    _attempt(lambda: kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL))
    if os.getppid() != parent:
        raise SystemExit(1)


def _limit(memory: int, open_files: int) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        # Who started us may have set a lower limit, which only root could raise.
        lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lowest, lowest))
    # No other process of this user may read this one's memory.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def _attempt(layer: Callable[[], None]) -> bool:
    """Put on one layer; False when this system does not have it."""
    try:
        layer()
    except (OSError, ValueError, AttributeError):
        return False
    return True
