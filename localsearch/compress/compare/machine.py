"""The machine that a measurement was made on: a speed without it says nothing."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

from localsearch.encoder.vnni import CPU, has_vnni


@dataclass(frozen=True, slots=True)
class Machine:
    processor: str
    cores: int
    """That this process may use."""
    vnni: bool
    """Whether the processor multiplies 8-bit integers in one instruction (AVX-512 or AVX VNNI)."""
    load: float
    """Processes that wanted to run, on average over the minute before; above 1 other work was going on."""


def this_machine() -> Machine:
    try:
        text = CPU.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    return Machine(
        processor=fields.get("model name", platform.machine()),
        cores=len(os.sched_getaffinity(0)),
        vnni=has_vnni(),
        load=round(os.getloadavg()[0], 2),
    )
