"""The screen is painted before anything heavy is imported, and the program works sealed and alone."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.tui.conftest import Play, play

HEAVY = {"numpy", "faiss", "onnxruntime", "tokenizers", "pysqlite3", "sqlite3", "kreuzberg", "pygments", "markdown_it"}

FIRST_PAINT = """
import asyncio, sys
from pathlib import Path
from localsearch.cli.app import command
from localsearch.tui.app import LocalSearchApp, Start

class Watched(LocalSearchApp):
    def on_mount(self):
        self.call_after_refresh(self.look)

    def look(self):
        strips = self.screen._compositor.render_strips()
        assert any("Ask a question" in strip.text for strip in strips)
        print(sorted(HEAVY & {name.partition(".")[0] for name in sys.modules}))
        self.exit()

HEAVY = set(sys.argv[2:])
async def main():
    async with Watched(Start(Path(sys.argv[1]))).run_test() as pilot:
        await pilot.pause()
asyncio.run(main())
"""


def test_nothing_heavy_comes_before_the_first_paint(index: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT, str(index), *HEAVY],
        env={"PYTHONPATH": str(ROOT), "HOME": str(index.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.splitlines() == ["[]"], told.stderr


def test_the_garbage_collector_leaves_alone_what_was_loaded(index: Path) -> None:
    async def scenario(tui: Play) -> None:
        await tui.ready()
        before = gc.get_freeze_count()
        await tui.find("hotel")
        assert len(gc.get_objects()) < before / 4  # it stops the screen while it walks through these

    play(index, scenario)


def test_only_the_application_loads_textual() -> None:
    code = "import sys, localsearch.cli.app; print('textual' in sys.modules, 'rich' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["False", "False"]


def test_without_a_terminal_it_says_so(index: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "localsearch", "--index", str(index), "tui"],
        env={"PYTHONPATH": str(ROOT), "HOME": str(index.parent), "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == "localsearch: `localsearch tui` needs a terminal. In scripts use `localsearch query`.\n"
