"""What can be done with the chosen hit: open, edit, show its folder, copy."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.screen import Screen

from localsearch.display import display
from localsearch.tui import clipboard, opening
from localsearch.tui.widgets.reader import Reader

if TYPE_CHECKING:
    from localsearch.records import Hit
    from localsearch.tui.app import LocalSearchApp
    from localsearch.tui.opening import Command


class HitScreen(Screen[None]):
    """Base of the search screen: it has a hit, or None."""

    @property
    def ours(self) -> LocalSearchApp:
        raise NotImplementedError

    @property
    def hit(self) -> Hit | None:
        raise NotImplementedError

    @property
    def text(self) -> str:
        raise NotImplementedError

    def action_open(self) -> None:
        """In the system's application, at the page."""
        hit = self._used()
        if hit is not None:
            _, page, _ = self.query_one(Reader).looked_at()
            self._launch(lambda: opening.viewer(hit.path, page), f"Opening {hit.path.name}")

    def action_reveal(self) -> None:
        """The folder, in the file manager."""
        hit = self._used()
        if hit is not None:
            self._launch(lambda: opening.folder_viewer(hit.path), f"Opening the folder of {hit.path.name}")

    def action_edit(self) -> None:
        """In $EDITOR, at the line."""
        hit = self._used()
        if hit is None:
            return
        text, _, _ = self.query_one(Reader).looked_at()
        try:
            command, in_terminal = opening.editor(hit.path, opening.line_of(hit.path, text))
        except opening.CannotOpen as problem:
            self.ours.say(str(problem), is_problem=True)
            return
        if not in_terminal:
            self._launch(lambda: command, f"Opening {hit.path.name}")
            return
        try:
            with self.app.suspend():
                subprocess.run(command, check=False)
        except (SuspendNotSupported, OSError) as problem:
            self.ours.say(f"The editor does not start: {problem}", is_problem=True)
        self.app.refresh()

    def action_copy(self) -> None:
        """The passage with its citation."""
        quoted = self._quoted()
        if quoted:
            self.app.copy_to_clipboard(quoted)
            self.ours.session.aside(lambda: self._copied(clipboard.copy_with_program(quoted)))

    def _copied(self, by_program: bool) -> None:
        """Called in a thread."""
        hint = "" if by_program else " If your terminal did not take it, Y shows it to be selected."
        self.ours.session.say(f"Copied with its citation.{hint}")

    def action_show_copy(self) -> None:
        """The passage alone on the screen, for terminals that take no clipboard."""
        from localsearch.tui.screens.plain import PlainScreen

        quoted = self._quoted()
        if quoted:
            self.app.push_screen(PlainScreen(quoted))

    def _quoted(self) -> str:
        hit = self._used()
        return clipboard.quoted(hit, *self.query_one(Reader).looked_at()) if hit else ""

    def _used(self) -> Hit | None:
        """The hit; its query led somewhere, so it is remembered."""
        if self.hit is not None:
            self.ours.memory.used(self.text)
        return self.hit

    def _launch(self, command: Callable[[], Command], done: str) -> None:
        """Start a program from a thread; what goes wrong is told."""
        session = self.ours.session

        def job() -> None:
            try:
                opening.launch(command())
            except (opening.CannotOpen, subprocess.SubprocessError) as problem:
                session.say(str(problem), is_problem=True)

        self.ours.say(display(done))
        session.aside(job)
