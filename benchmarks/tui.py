"""How fast is the terminal application? From a key to refreshed results, from start to first paint and first results.

Measured inside the application, without a terminal (120 x 40): typed queries one letter at a time, each followed by a
wait for its final answer on the screen; the longest time by which a heartbeat every 5 ms in the user interface's
thread was late, and the processor time that the thread spent in it; the process's peak memory. Start: a real process
in a pseudo terminal, until the search line is painted, and until the hits of a first query are (the median; the first
run, which warms the disk cache, is not counted). That query comes from the command line, so nothing is typed.

    python benchmarks/tui.py --index FOLDER [--starts 10]
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import pty
import re
import resource
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

from common import save, wanted

QUERIES = (
    "What was the revenue of the fourth quarter?",
    "notice period of the lease",
    "who approves travel expenses",
    "data breach reporting deadline",
)
SIZE = (120, 40)
HEARTBEAT = 0.005
SETTLE = 1.0
"""Seconds after the last letter of a query, for the answer, the explanation and the document."""
LONGEST = 10.0
PAINTED, HITS = "❯".encode(), re.compile(rb"[1-9][0-9]*\+? found ")


async def typing(folder: Path, memory: Path) -> dict[str, object]:
    """Key to refreshed results, and the longest stop of the user interface's thread."""
    from textual import events

    from localsearch.tui.app import LocalSearchApp, Start
    from localsearch.tui.memory import Memory

    app = LocalSearchApp(Start(folder), memory=Memory(memory))
    times: list[float] = []
    stops: list[float] = []
    busy: list[float] = []

    async def beat() -> None:
        while True:
            begun, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(HEARTBEAT)
            stops.append(time.perf_counter() - begun - HEARTBEAT)
            busy.append(time.thread_time() - used)

    async with app.run_test(size=SIZE) as pilot:
        screen = app.search_screen
        while not app.session.by_meaning:
            await pilot.pause(0.05)
        await pilot.pause(1.0)
        heart = asyncio.create_task(beat())
        for query in QUERIES:
            for place, letter in enumerate(query, start=1):
                begun = time.perf_counter()
                app.post_message(events.Key("space" if letter == " " else letter, letter))
                if place < 2:
                    continue  # one letter is not searched
                while not (
                    screen.text == query[:place] == screen.asked_text
                    and screen.found is not None
                    and app.session.is_current(screen.found.number)
                    and not screen.found.is_draft
                ):
                    await asyncio.sleep(0.001)
                    if time.perf_counter() - begun > LONGEST:
                        sys.exit(f"no answer to {query[:place]!r}")
                painted = asyncio.Event()
                screen.call_after_refresh(painted.set)
                await painted.wait()
                times.append(time.perf_counter() - begun)
            await asyncio.sleep(SETTLE)
            for _ in range(3):
                app.post_message(events.Key("down", None))
                await asyncio.sleep(0.2)
            app.post_message(events.Key("escape", None))
            await asyncio.sleep(0.2)
        heart.cancel()
    app.session.close()
    times.sort()
    return {
        "keys": len(times),
        "p50_ms": round(1000 * statistics.median(times)),
        "p95_ms": round(1000 * times[int(0.95 * len(times))]),
        "longest_ms": round(1000 * times[-1]),
        "ui_longest_stop_ms": round(1000 * max(stops)),
        "ui_longest_processor_ms": round(1000 * max(busy)),
        "ui_stops_over_50_ms": sum(stop > 0.05 for stop in stops),
        "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def start(folder: Path, home: str) -> tuple[float, float]:
    """Seconds to the first paint and to the first results of one start."""
    begun = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color", HOME=home)
        arguments = ["-m", "localsearch", "--index", str(folder), "tui", "annual", "report"]
        os.execv(sys.executable, [sys.executable, *arguments])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    seen, painted = b"", 0.0
    while True:
        seen += os.read(terminal, 1 << 16)
        if not painted and PAINTED in seen:
            painted = time.perf_counter() - begun
        if HITS.search(seen):
            break
        if time.perf_counter() - begun > LONGEST:
            sys.exit("no hits appeared")
    found = time.perf_counter() - begun
    os.write(terminal, b"\x11")
    try:
        while os.read(terminal, 1 << 16):
            pass
    except OSError:
        pass  # the terminal closes with its program
    os.waitpid(process, 0)
    return painted, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--starts", type=int, default=10)
    arguments = parser.parse_args()
    folder = wanted(arguments.index.absolute())
    from localsearch import Index

    with Index.open(folder) as index:
        passages = index.status().passages
    with tempfile.TemporaryDirectory() as home:
        starts = [start(folder, home) for _ in range(arguments.starts + 1)][1:]
        typed = asyncio.run(typing(folder, Path(home) / "tui.json"))
    save(
        "tui",
        {
            "passages": passages,
            "starts": len(starts),
            "first_paint_median_s": round(statistics.median(painted for painted, _ in starts), 3),
            "first_results_median_s": round(statistics.median(found for _, found in starts), 3),
            "typing": typed,
        },
    )


main()
