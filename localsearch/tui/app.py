"""The application: one session, one search screen at the bottom, other screens on top of it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

from localsearch.display import display
from localsearch.records import Mode, Status
from localsearch.tui import filters, messages, places
from localsearch.tui.memory import Memory
from localsearch.tui.screens.search import SearchScreen
from localsearch.tui.session import Session
from localsearch.tui.themes import THEMES, first_theme

_FOR_SEARCH = (
    messages.Found,
    messages.SearchFailed,
    messages.DocumentRead,
    messages.LaidOut,
    messages.ReadFailed,
    messages.Explained,
    messages.Answered,
)
"""Answers that go to the search screen, whatever screen is on top."""


SWITCH = 0.001
"""Seconds after which a thread that computes lets another one run; Python's 5 ms would add up in the user interface."""
WIDE = 100
"""Columns from which the document stands beside the results, not below."""
HIGH = 20
"""Lines from which there is room for both below each other."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the command line says."""

    folder: Path
    """Of the index; it need not exist."""
    text: str = ""
    """The first query."""
    mode: Mode = Mode.HYBRID
    encoder: Path | None = None


class LocalSearchApp(App[None]):
    """Search as you type, read around what is found, open it."""

    TITLE = "localsearch"
    CSS_PATH = Path(__file__).parent / "styles.tcss"
    COMMAND_PALETTE_DISPLAY = "^p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
        Binding("f1", "help", "Help"),
    ]

    def __init__(self, start: Start, *, memory: Memory | None = None) -> None:
        super().__init__()
        places.forget()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (HIGH, "-high")]
        self.animation_level = "none"  # over a slow line every frame is felt
        self.memory = memory or Memory()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = first_theme(self.memory.now.theme, self.available_themes)
        self.start = start
        self.session = Session(start.folder, self._route, encoder=start.encoder)
        self.search_screen = SearchScreen(start.text, start.mode)
        self.status: Status | None = None
        """What the index holds, as last read."""
        self.progress: messages.RunProgress | None = None
        """Of the run that is under way."""

    def get_default_screen(self) -> Screen[None]:
        return self.search_screen

    def on_mount(self) -> None:
        sys.setswitchinterval(SWITCH)
        gc.freeze()  # here and below: what is loaded stays, and walking through it would stop the screen now and then
        # The first paint comes before the engine's imports.
        self.call_after_refresh(self.session.open)
        self.set_timer(0.3, self.session.open)  # when a key opens another screen before that

    def _route(self, message: Message) -> None:
        """Called in the session's threads."""
        if not self.is_running:
            return
        target = self.search_screen if isinstance(message, _FOR_SEARCH) else self
        try:
            target.post_message(message)
        except RuntimeError:
            return  # the application is ending

    # What the session tells

    def on_opened(self) -> None:
        gc.freeze()
        self.search_screen.opened()

    def on_not_opened(self, message: messages.NotOpened) -> None:
        self.search_screen.not_opened(message.error)

    def on_encoder_ready(self) -> None:
        gc.freeze()
        self.search_screen.show_state()

    def on_encoder_failed(self, message: messages.EncoderFailed) -> None:
        self.say(f"Searching by words only: {message.error}", is_problem=True)
        self.search_screen.search_again()

    def on_status_read(self, message: messages.StatusRead) -> None:
        is_first = self.status is None
        self.status = message.status
        self._status_changed()
        if is_first and filters.chips(self.search_screen.text):  # which types there are decides what `type:m` means
            self.search_screen.search_again()

    def on_run_progress(self, message: messages.RunProgress) -> None:
        self.progress = message
        self._status_changed()

    def on_run_ended(self, message: messages.RunEnded) -> None:
        from localsearch.tui.report import summary

        self.progress = None
        self.say(summary(message), is_problem=message.error is not None)
        self._status_changed()
        self.search_screen.search_again()

    def on_told(self, message: messages.Told) -> None:
        self.say(message.text, is_problem=message.is_problem)

    def _status_changed(self) -> None:
        self.search_screen.show_state()
        changed = getattr(self.screen, "status_changed", None)
        if changed is not None:
            changed()

    # For all screens

    def say(self, text: str, *, is_problem: bool = False) -> None:
        """A line in the corner for some seconds; never read as markup."""
        self.notify(
            display(text),
            severity="error" if is_problem else "information",
            timeout=8 if is_problem else 4,
            markup=False,
        )

    def get_key_display(self, binding: Binding) -> str:
        """Keys as they are written on the keyboard: F2, Esc."""
        shown = super().get_key_display(binding)
        return shown.capitalize() if shown[:1].islower() and len(shown) > 1 else shown

    def action_help(self) -> None:
        from localsearch.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_help_quit(self) -> None:
        """Ctrl-C ends this program, as it ends others; what was committed is kept."""
        self.exit()

    async def action_quit(self) -> None:
        self.exit()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette: everything that can be done, with its key."""
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.description and binding.tooltip and active.enabled:
                key = self.get_key_display(binding)
                yield SystemCommand(
                    f"{binding.description} ({key})", binding.tooltip, lambda name=binding.key: self.simulate_key(name)
                )
        yield SystemCommand("Change the theme", "Dark, light and others; it is remembered", self.action_change_theme)
        yield SystemCommand("Clear the history", "Forget all queries that were used", self.memory.clear_history)
        yield SystemCommand("Help", "All keys, and how queries are written (F1)", self.action_help)
        yield SystemCommand("Quit", "End the program (Ctrl+Q)", self.exit)

    def watch_theme(self, theme: str) -> None:
        if self.is_running and theme != self.memory.now.theme:
            self.memory.choose_theme(theme)


def run(start: Start) -> None:
    """Run the application until the user leaves it."""
    app = LocalSearchApp(start)
    try:
        app.run()
    finally:
        app.session.close()
