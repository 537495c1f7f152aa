"""How long does one query take from the command line, in a new process, and how much memory?

Measured: wall time and peak memory of `localsearch query` as a whole process, after one run to warm the disk cache.
Index: the one given, or the sample documents. By turns also `query --json`, which does not look for best sentences: the
difference is what these cost.

    python benchmarks/cold_query.py [--index FOLDER] [--runs 11]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, save

QUERIES = (
    "What was the revenue of the fourth quarter?",
    "How long is the notice period?",
    "Who approves travel expenses?",
)


def run(command: list[str]) -> tuple[float, float]:
    """Seconds and peak MiB of one process."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(command)} failed")
    return seconds, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, help="an index; default: one of sample_docs, made for this run")
    parser.add_argument("--runs", type=int, default=11)
    arguments = parser.parse_args()
    localsearch = [sys.executable, "-m", "localsearch"]
    with tempfile.TemporaryDirectory() as folder:
        index = arguments.index or Path(folder) / "index"
        if arguments.index is None:
            subprocess.run([*localsearch, "--index", str(index), "index", "-q", str(ROOT / "sample_docs")], check=True)
        commands = [[*localsearch, "--index", str(index), "query", text] for text in QUERIES]
        run(commands[0])
        measured, plain = [], []
        for number in range(arguments.runs):
            command = commands[number % len(commands)]
            measured.append(run(command))
            plain.append(run([*command, "--json"])[0])
    seconds = [one for one, _ in measured]
    save(
        "cold_query",
        {
            "index": str(arguments.index.name) if arguments.index else "sample_docs",
            "runs": len(seconds),
            "median_s": round(statistics.median(seconds), 3),
            "median_without_best_sentences_s": round(statistics.median(plain), 3),
            "least_s": round(min(seconds), 3),
            "most_s": round(max(seconds), 3),
            "peak_memory_mib": round(max(memory for _, memory in measured)),
        },
    )


main()
