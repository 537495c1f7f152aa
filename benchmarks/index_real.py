"""How long does indexing real documents take, how much memory, and what does a second run cost?

Measured: `localsearch index` as a whole process with its parser workers, into a new index, then again with nothing
changed. Peak memory is the sum over the process tree of proportional set sizes, sampled ten times a second.
Documents: two company handbooks (Markdown) and 13 annual and quarterly reports (PDF), or the paths given.

    python benchmarks/index_real.py [PATH ...] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import SHARED, save, wanted

DEFAULT = (SHARED / "data" / "handbooks", SHARED / "data" / "financebench" / "pdfs")


def tree_memory(root: int) -> float:
    """MiB of a process and its descendants: proportional set size, so that shared pages count once."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    total, queue = 0, [root]
    while queue:
        process = queue.pop()
        queue += parents.get(process, [])
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def run(command: list[str]) -> tuple[float, float, dict[str, object]]:
    """Seconds, peak MiB and the report of one indexing run."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, tree_memory(process.pid))
        time.sleep(0.1)
    seconds = time.perf_counter() - begun
    if process.returncode or process.stdout is None:
        sys.exit(f"{' '.join(command)} failed")
    return seconds, peak, json.loads(process.stdout.read())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=list(DEFAULT))
    parser.add_argument("--keep", type=Path, help="make the index here and keep it")
    arguments = parser.parse_args()
    paths = [str(wanted(path)) for path in arguments.paths]
    with tempfile.TemporaryDirectory() as folder:
        index = str(arguments.keep or Path(folder) / "index")
        command = [sys.executable, "-m", "localsearch", "--index", index, "index", "-q", "--json"]
        first, peak, report = run([*command, *paths])
        second, _, again = run(command)
        size = sum(entry.stat().st_size for entry in Path(index).iterdir())
    save(
        "index_real",
        {
            "paths": [path.name for path in arguments.paths],
            "files": report["added"],
            "passages": report["passages"],
            "seconds": round(first, 1),
            "passages_per_second": round(int(str(report["encoded"])) / first, 1),
            "peak_memory_mib": round(peak),
            "index_mib": round(size / 2**20, 1),
            "second_run_seconds": round(second, 2),
            "second_run_encoded": again["encoded"],
        },
    )


main()
