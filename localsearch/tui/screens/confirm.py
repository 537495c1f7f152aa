"""A question that is answered with yes or no."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from localsearch.display import display
from localsearch.tui.text import Line, Mark, wrap
from localsearch.tui.widgets.keybar import KeyBar
from localsearch.tui.widgets.lines import Lines

WIDTH = 60


class Confirm(ModalScreen[bool]):
    """Gives True for y; anything else means no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape,q", "answer(False)", "No", key_display="n"),
    ]

    def __init__(self, question: str, detail: str) -> None:
        super().__init__()
        self._question = question
        self._detail = detail

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="small"):
            yield Lines(id="dialog-title")
            yield Lines(id="dialog-text")
            yield KeyBar()

    def on_mount(self) -> None:
        width = min(WIDTH, self.app.size.width - 10)
        question: Line = ((display(self._question), Mark.STRONG),)
        detail: Line = ((display(self._detail), Mark.PLAIN),)
        self.query_one("#dialog-title", Lines).show(list(wrap(question, width)))
        self.query_one("#dialog-text", Lines).show([(), *wrap(detail, width), ()])

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)
