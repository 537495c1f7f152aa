"""Runs of the driver, some of them with a fault at one system call, by strace's injection."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.crash import driver

DRIVER = Path(driver.__file__)
KILL = "signal=KILL"


@dataclass(frozen=True)
class Outcome:
    """How a run with a fault ended."""

    code: int
    happened: bool
    """Whether the call was reached and the fault injected."""
    said: str


def command(action: str, index: Path, path: Path) -> list[str]:
    return [sys.executable, str(DRIVER), action, str(index), str(path)]


def drive(action: str, index: Path, path: Path) -> None:
    """An undisturbed run. Raises CalledProcessError when it fails."""
    subprocess.run(command(action, index, path), check=True)


def count_calls(call: str, action: str, index: Path, path: Path, log: Path) -> int:
    """How often an undisturbed run makes the system call, children included."""
    _traced(["-e", f"trace={call}"], action, index, path, log)
    return sum(f" {call}(" in line for line in log.read_text(errors="replace").splitlines())


def disturbed(call: str, fault: str, when: str, action: str, index: Path, path: Path, log: Path) -> Outcome:
    """A run with `fault` (`signal=KILL`, `error=ENOSPC`) at the calls that `when` counts: `7`, or `7+` from it on."""
    arguments = ["-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={when}"]
    result = _traced(arguments, action, index, path, log)
    written = log.read_text(errors="replace")
    happened = "(INJECTED)" in written or "killed by SIGKILL" in written
    return Outcome(result.returncode, happened, result.stderr)


def sample(total: int, most: int | None) -> list[int]:
    """The first of `total` calls, the last and some between, `most` in all; every one for None."""
    if most is None or total <= most:
        return list(range(1, total + 1))
    return sorted({round(1 + place * (total - 1) / max(1, most - 1)) for place in range(most)})


def _traced(arguments: list[str], action: str, index: Path, path: Path, log: Path) -> subprocess.CompletedProcess[str]:
    line = ["strace", "-f", "-qq", "-o", str(log), *arguments, *command(action, index, path)]
    return subprocess.run(line, capture_output=True, text=True, check=False)
