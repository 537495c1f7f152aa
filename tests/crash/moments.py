"""Killing a process at a moment of its own work, counted in processor time: a busy machine moves no such moment."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_time(process: int) -> float:
    """Seconds of processor time that a process has used, ended or not, until it is waited for."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def undisturbed(command: list[str]) -> float:
    """Run it to its end; the processor time it took, in seconds."""
    process = subprocess.Popen(command)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    taken = processor_time(process.pid)
    assert process.wait() == 0
    return taken


def killed_after(command: list[str], seconds: float) -> bool:
    """Run it and kill it after so much processor time; False when it ended before."""
    process = subprocess.Popen(command)
    while process.poll() is None:
        if processor_time(process.pid) >= seconds:
            process.kill()
            return process.wait() == -9
        time.sleep(0.002)
    return False
