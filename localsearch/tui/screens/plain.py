"""A text alone on the screen, without boxes, to be selected by hand."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from localsearch.tui.text import Line, Mark, lines_of, marked, wrap
from localsearch.tui.widgets.keybar import KeyBar
from localsearch.tui.widgets.scroller import Scroller


class PlainScreen(Screen[None]):
    """The mouse is left to the terminal as far as it allows: Shift and drag selects."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "leave", "Back", key_display="Esc")]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield Scroller()
        yield KeyBar()

    def on_resize(self, event: events.Resize) -> None:
        width = max(10, event.size.width - 1)
        lines: list[Line] = [(("Select with Shift and the mouse, then copy as your terminal does.", Mark.DIM),), ()]
        for line in lines_of(marked(self._text, (), multiline=True)):
            lines += wrap(line, width)
        self.query_one(Scroller).show(lines)

    def action_leave(self) -> None:
        self.dismiss(None)
