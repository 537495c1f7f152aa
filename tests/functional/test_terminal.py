"""On a real terminal: the live line, Ctrl-C, bold words and the question before forgetting."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import PATIENCE
from tests.functional.conftest import Localsearch

pytestmark = pytest.mark.program("tmux")


class Terminal:
    """A terminal of 80 columns in a tmux server of its own."""

    def __init__(self, tmux: str, socket: Path, program: Localsearch) -> None:
        self._tmux = [tmux, "-S", str(socket), "-f", os.devnull]
        environment = [f"-e{name}={value}" for name, value in program.environment.items()]
        self._run("new-session", "-d", "-x", "80", "-y", "30", "-c", str(program.folder), *environment, "sh")
        self._command = shlex.join(program.command)
        self._runs = 0

    def _run(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], check=True, capture_output=True, text=True).stdout

    def type(self, arguments: str, before: str = "") -> None:
        """Run a command line of the program; `wait_for_end` waits for its exit code."""
        self._runs += 1
        self._run("send-keys", "-l", f'clear; {before} {self._command} {arguments}; echo "end-"{self._runs}=$?')
        self.press("Enter")

    def wait_for_end(self) -> tuple[str, int]:
        """The screen after the command, and its exit code."""
        mark = f"end-{self._runs}="
        screen = self.wait_for(mark)
        return screen, int(screen.rpartition(mark)[2].split()[0])

    def press(self, key: str) -> None:
        self._run("send-keys", key)

    def screen(self, *, styles: bool = False) -> str:
        return self._run("capture-pane", "-p", "-J", *(["-e"] if styles else []))

    def wait_for(self, words: str) -> str:
        """The screen once it holds `words`."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            screen = self.screen()
            if words in screen:
                return screen
            time.sleep(0.02)
        pytest.fail(f"{words} did not appear on the screen:\n{self.screen()}")

    def close(self) -> None:
        self._run("kill-server")


@pytest.fixture
def terminal(program: Localsearch, tool: Callable[[str], str], tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tool("tmux"), tmp_path / "tmux", program)
    yield opened
    opened.close()


def fill(program: Localsearch, files: int) -> None:
    """Documents that take a while to encode."""
    for number in range(files):
        text = " ".join(f"Clause {number}.{part} says that party {part} pays." for part in range(300))
        (program.documents / f"contract-{number:04d}.txt").write_text(text)


def test_the_live_line_shows_and_goes(terminal: Terminal, program: Localsearch) -> None:
    fill(program, 60)
    terminal.type("index documents")
    terminal.wait_for("/64 files")
    done, code = terminal.wait_for_end()
    assert code == 0
    assert "64 files (64 new)" in done
    assert "/64 files" not in done  # the live line is gone


def test_control_c_keeps_what_was_committed(terminal: Terminal, program: Localsearch) -> None:
    fill(program, 200)
    terminal.type("index documents")
    terminal.wait_for("passages/s")
    terminal.press("C-c")
    stopped, code = terminal.wait_for_end()
    assert code == 130
    assert "localsearch: interrupted; " in stopped and "passages are kept." in stopped
    assert "Traceback" not in stopped
    assert "interrupted" in program.run("status").stdout
    finished = program.run("index")
    assert finished.returncode == 0
    assert "204 files" in finished.stderr
    assert "interrupted" not in program.run("status").stdout


@pytest.mark.parametrize(("before", "after", "bold"), [("", "", True), ("", "| cat", False), ("NO_COLOR=1", "", False)])
def test_matched_words_are_bold_where_that_is_wanted(
    terminal: Terminal, program: Localsearch, before: str, after: str, bold: bool
) -> None:
    program.run("index", "documents")
    terminal.type(f"query --mode keyword hotel {after}", before)
    shown, code = terminal.wait_for_end()
    assert code == 0
    assert "A hotel room" in shown
    assert ("\x1b[1mhotel\x1b[0m" in terminal.screen(styles=True)) is bold


@pytest.mark.parametrize(("before", "marked"), [("", True), ("NO_COLOR=1", False)])
def test_an_explanation_is_a_heat_map_where_there_are_colours(
    terminal: Terminal, program: Localsearch, before: str, marked: bool
) -> None:
    program.run("index", "documents")
    terminal.type("query --explain -k 1 hotel night", before)
    shown, code = terminal.wait_for_end()
    assert code == 0
    assert "shares" in shown
    styles = terminal.screen(styles=True)
    assert ("\x1b[4m" in styles) is marked
    assert ("\x1b[38;5;16m\x1b[48;5;214m" in styles) is marked


def test_forgetting_asks_first(terminal: Terminal, program: Localsearch) -> None:
    program.run("index", "documents")
    terminal.type("forget documents/lease.md")
    terminal.wait_for("[y/N]")
    terminal.press("Enter")
    assert "Nothing was forgotten." in terminal.wait_for_end()[0]
    assert program.run("query", "--paths", "--mode", "keyword", "tenant").stdout == "documents/lease.md\n"
    terminal.type("forget documents/lease.md")
    terminal.wait_for("[y/N]")
    terminal.press("y")
    terminal.press("Enter")
    assert "1 file forgotten" in terminal.wait_for_end()[0]
