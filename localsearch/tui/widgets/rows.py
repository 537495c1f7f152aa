"""A list with a cursor whose rows are painted when they are seen: a thousand cost no more than ten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from localsearch.tui.text import Line, Mark
from localsearch.tui.widgets.painted import Painted


class Rows(Painted, can_focus=True):
    """Rows of equal height. A subclass says how many there are and what their lines are."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("home,g", "go(0)", "First", show=False),
        Binding("end,G", "go(-1)", "Last", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another row."""

        rows: Rows
        at: int

        @property
        def control(self) -> Rows:
            return self.rows

    @dataclass
    class Chosen(Message):
        """A row was chosen with Enter or a second click."""

        rows: Rows
        at: int

        @property
        def control(self) -> Rows:
            return self.rows

    height_of_row = 1

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.at = 0
        """The row that the cursor is on, 0-based."""
        self._painted: dict[tuple[int, int], Sequence[Line]] = {}

    @property
    def count(self) -> int:
        raise NotImplementedError

    def lines_of_row(self, at: int, width: int) -> Sequence[Line]:
        """The lines of one row, at most `height_of_row`, without the cursor's column."""
        raise NotImplementedError

    def changed(self, at: int | None = None) -> None:
        """The rows are others now; `at` puts the cursor."""
        self._painted.clear()
        self.at = max(0, min(self.at if at is None else at, self.count - 1))
        self.has_lines(self.count * self.height_of_row)
        if self.is_attached:
            self._show_cursor()
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self._painted.clear()
        self._show_cursor()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        at, line = divmod(y + self.scroll_offset.y, self.height_of_row)
        if at >= self.count or width < 3:
            return self.paint((), width)
        lines = self._painted.get((at, width))
        if lines is None:
            lines = self._painted[at, width] = self.lines_of_row(at, width - 2)
        row = ("row--chosen-focus" if self.has_focus else "row--chosen") if at == self.at else ""
        content = lines[line] if line < len(lines) else ()
        edge = self.paint((("▌ " if row else "  ", Mark.ACCENT),), 2, row)
        return Strip.join([edge, self.paint(content, width - 2, row)])

    def put(self, at: int) -> None:
        """Move the cursor there."""
        at = max(0, min(at, self.count - 1))
        if at == self.at or not self.count:
            return
        self.at = at
        self._show_cursor()
        self.refresh()
        self.post_message(self.Moved(self, at))

    def action_move(self, step: int) -> None:
        self.put(self.at + step)

    def action_go(self, at: int) -> None:
        self.put(at if at >= 0 else self.count + at)

    def action_choose(self) -> None:
        if self.count:
            self.post_message(self.Chosen(self, self.at))

    def on_click(self, event: events.Click) -> None:
        at = (event.y + self.scroll_offset.y) // self.height_of_row
        if at >= self.count:
            return
        if event.chain > 1 and at == self.at:
            self.post_message(self.Chosen(self, at))
        self.put(at)

    def _show_cursor(self) -> None:
        """Scroll so that the row under the cursor is seen whole."""
        top, height = self.at * self.height_of_row, self.scrollable_content_region.height
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)
        elif top + self.height_of_row > self.scroll_offset.y + height:
            self.scroll_to(y=top + self.height_of_row - height, animate=False, force=True)
