"""What every benchmark shares: the machine it ran on, and where its result goes."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


def machine() -> dict[str, object]:
    """Processor, cores, memory and whether the processor has 8-bit dot products (VNNI)."""
    info = Path("/proc/cpuinfo").read_text()
    fields = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": fields.get("model name", platform.machine()),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(pages / 2**30),
        "vnni": "vnni" in fields.get("flags", ""),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def save(name: str, result: object) -> None:
    """Write benchmarks/results/NAME.json with machine, command and date, and print it."""
    record = {
        "command": shlex.join(["python", *sys.argv]),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "result": result,
    }
    text = json.dumps(record, indent=2, ensure_ascii=False)
    (ROOT / "benchmarks" / "results" / f"{name}.json").write_text(text + "\n")
    print(text)


def wanted(path: Path) -> Path:
    """The folder, or an exit that says what is missing."""
    if not path.exists():
        sys.exit(f"{path} is not there; name the data with the options of this script (--help).")
    return path
