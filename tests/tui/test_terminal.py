"""A whole session in a real terminal: every step is seen, nothing is left behind."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PATIENCE
from tests.functional.conftest import Localsearch, make

pytestmark = pytest.mark.program("tmux")

PARTS = ("First", "Second", "Third")


class Screen:
    """The program in a tmux server of its own."""

    def __init__(self, socket: Path, program: Localsearch, arguments: str, size: tuple[int, int], **more: str) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", os.devnull]
        self._environment = program.environment | {"TERM": "tmux-256color"} | more
        width, height = map(str, size)
        options = [f"-e{name}={value}" for name, value in self._environment.items()]
        command = f"{shlex.join(program.command)} {arguments}; echo end=$?; exec cat"
        self._run("new-session", "-d", "-x", width, "-y", height, "-c", str(program.folder), *options, command)

    def _run(self, *arguments: str) -> str:
        return subprocess.run(
            [*self._tmux, *arguments], check=True, capture_output=True, text=True, env=self._environment
        ).stdout

    def type(self, text: str) -> None:
        self._run("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._run("send-keys", key)

    def show(self) -> str:
        return self._run("capture-pane", "-p")

    def title(self) -> str:
        return self._run("display-message", "-p", "#{pane_title}")

    def see(self, *texts: str) -> str:
        """The screen once it holds all of these."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            screen = self.show()
            if all(text in screen for text in texts):
                return screen
            time.sleep(0.02)
        pytest.fail(f"{texts} did not appear:\n{self.show()}")

    def close(self) -> None:
        self._run("kill-server")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Localsearch]:
    made = make(tmp_path)
    parts = (f"## {part} part\n\nThe pump of the {part} part. " + "Water flows on. " * 90 for part in PARTS)
    (made.documents / "manual.md").write_text("# Manual\n\n" + "\n\n".join(parts))
    assert made.run("index", "documents").returncode == 0
    yield made


def test_a_session(program: Localsearch, tmp_path: Path) -> None:
    screen = Screen(tmp_path / "tmux", program, "tui", (100, 30))
    try:
        screen.see("Ask a question", "Type to search", "F1 Help")
        screen.type("what may a hotel room cost")
        screen.see("travel.md", "A hotel room may cost 150 euros")
        screen.type(" type:csv")
        screen.see("type: csv ✕", "prices.csv", "article │ price")
        screen.press("C-u")
        screen.type("landlord tenant moving")
        screen.see("documents/lease.md", "three months before")
        screen.press("C-u")
        screen.type('"pump" flows')
        shown = screen.see("documents/manual.md", "match ", " of 3")
        number = int(shown.partition("match ")[2][0])
        screen.press("F3")
        screen.see(f"match {number % 3 + 1} of 3", f"The pump of the {PARTS[number % 3]} part.")
        screen.press("Enter", "w")
        screen.see("Why number 1", "o Open")
        screen.press("F2")
        screen.see("Folders", "nothing to mend", "u Update")
        (program.documents / "new.txt").write_text("A pelican lives here.\n")
        screen.press("u")
        screen.see("6 files (1 new)")
        screen.press("Escape")
        screen.see("manual.md", "Why number 1")
        screen.press("C-q")
        assert "Traceback" not in screen.see("end=0")
    finally:
        screen.close()


def test_hostile_names_do_not_act(program: Localsearch, tmp_path: Path) -> None:
    name = "\x1b]2;owned\x07pelican\x1b[2J.txt"
    (program.documents / name).write_text(f"pelican \x1b]2;owned\x07 \x1b[31mred {name}")
    assert program.run("index").returncode == 0
    screen = Screen(tmp_path / "tmux", program, "tui pelican", (80, 24))
    try:
        screen.see("<U+001B>]2;owned<U+0007>pelican", "F3")
        assert "owned" not in screen.title()
        screen.press("C-c")
        assert "Traceback" not in screen.see("end=0")
    finally:
        screen.close()


def test_an_editor_takes_the_terminal_and_gives_it_back(program: Localsearch, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "editing $1 of $2"; read answer\n')
    editor.chmod(0o755)
    screen = Screen(tmp_path / "tmux", program, "tui landlord", (100, 30), EDITOR=str(editor))
    try:
        screen.see("lease.md", "moving out")
        screen.press("Enter", "e")
        screen.see("editing +1 of ", "documents/lease.md")
        screen.press("Enter")
        screen.see("moving out", "o Open")
        screen.press("q")
        screen.see("end=0")
    finally:
        screen.close()


def test_without_colour_matches_are_bold_and_underlined(program: Localsearch, tmp_path: Path) -> None:
    screen = Screen(tmp_path / "tmux", program, "tui landlord", (100, 30), NO_COLOR="1")
    try:
        screen.see("lease.md", "moving out")
        styled = screen._run("capture-pane", "-p", "-e")
        (line,) = [line for line in styled.splitlines() if "tells the" in line and "\x1b" in line][-1:]
        assert "\x1b[1m\x1b[4m" in line or "\x1b[1;4m" in line
        screen.press("C-q")
        screen.see("end=0")
    finally:
        screen.close()
