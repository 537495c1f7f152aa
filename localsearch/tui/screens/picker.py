"""A list to choose from, narrowed by typing: filters, history, saved searches, folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from localsearch.display import display
from localsearch.tui.text import Line, Mark, columns, shorten, shorten_left
from localsearch.tui.widgets.keybar import KeyBar
from localsearch.tui.widgets.lines import Lines
from localsearch.tui.widgets.query import typable
from localsearch.tui.widgets.rows import Rows


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a list."""

    label: str
    value: object
    """What the list gives when the row is chosen."""
    detail: str = ""
    """At the right side."""


Choices = Callable[[str], Sequence[Choice]]
"""The rows for what was typed."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is chosen, and how."""

    title: str
    choices: Choices
    placeholder: str = "Type to narrow"
    nothing: str = "Nothing matches."
    completes: Callable[[Choice], str | None] | None = None
    """What Tab types for a row; None means nothing."""
    remove: Callable[[Choice], None] | None = None
    """Takes a row away for good (Ctrl+X)."""


def narrowed(choices: Sequence[Choice]) -> Choices:
    """Rows that have every typed word, in their order."""

    def matching(typed: str) -> Sequence[Choice]:
        words = typed.casefold().split()
        return [one for one in choices if all(word in one.label.casefold() for word in words)]

    return matching


class ChoiceRows(Rows):
    """The rows of a list."""

    def __init__(self) -> None:
        super().__init__(id="choices")
        self.choices: Sequence[Choice] = ()

    @property
    def count(self) -> int:
        return len(self.choices)

    def lines_of_row(self, at: int, width: int) -> Sequence[Line]:
        choice = self.choices[at]
        detail = shorten(((display(choice.detail), Mark.DIM),), width // 2)
        label: Line = ((shorten_left(display(choice.label), max(8, width - columns(detail) - 2)), Mark.PLAIN),)
        blank = width - columns(label) - columns(detail)
        return [(*label, (" " * max(2, blank), Mark.PLAIN), *detail)]


class Picker(ModalScreen[object]):
    """Gives the value of the chosen row, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose", priority=True),
        Binding("escape", "leave", "Back"),
        Binding("down,ctrl+n", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
        Binding("tab", "complete", "Complete", priority=True),
        Binding("ctrl+x", "remove", "Remove", priority=True),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Lines(id="dialog-title")
            yield Input(placeholder=self._question.placeholder, id="typed", compact=True)
            yield ChoiceRows()
            yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#dialog-title", Lines).show([((self._question.title, Mark.STRONG),)])
        self.query_one("#typed", Input).focus()
        self._fill("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        wanted = {"complete": self._question.completes, "remove": self._question.remove}
        return action not in wanted or wanted[action] is not None

    @property
    def _rows(self) -> ChoiceRows:
        return self.query_one(ChoiceRows)

    def _fill(self, typed: str) -> None:
        self._rows.choices = self._question.choices(typed)
        self._rows.changed(0)
        if not self._rows.choices:
            self._rows.choices = [Choice(self._question.nothing, None)]
            self._rows.changed(0)

    @on(Input.Changed, "#typed")
    def _typed(self, message: Input.Changed) -> None:
        self._fill(message.value)

    @on(Rows.Chosen)
    def _chosen(self) -> None:
        self.action_choose()

    def action_choose(self) -> None:
        choice = self._rows.choices[self._rows.at]
        if choice.value is not None:
            self.dismiss(choice.value)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        self._rows.action_move(step)

    def action_complete(self) -> None:
        completes = self._question.completes
        text = completes(self._rows.choices[self._rows.at]) if completes else None
        if text is not None:
            line = self.query_one("#typed", Input)
            line.value = typable(text)
            line.cursor_position = len(line.value)

    def action_remove(self) -> None:
        choice = self._rows.choices[self._rows.at]
        if self._question.remove and choice.value is not None:
            self._question.remove(choice)
            self._fill(self.query_one("#typed", Input).value)
