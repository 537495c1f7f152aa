"""The filters of the query as chips, and what else could be filtered by. A click changes the query's text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from localsearch.display import display
from localsearch.tui.filters import Chip
from localsearch.tui.kinds import sign


class Chips(Widget):
    """One line: active filters with a cross, then `+ filter`, then types to narrow to."""

    COMPONENT_CLASSES = {"chip--active", "chip--offer", "chip--add"}  # noqa: RUF012

    @dataclass
    class Toggled(Message):
        """A filter is to be added, or removed when it is there."""

        name: str
        value: str

    class Opened(Message):
        """All filters are to be shown."""

    def __init__(self) -> None:
        super().__init__(id="chips")
        self._active: Sequence[Chip] = ()
        self._types: Sequence[tuple[str, int]] = ()
        self._places: list[tuple[int, int, Chips.Toggled | Chips.Opened]] = []

    def show(self, active: Sequence[Chip], types: Sequence[tuple[str, int]]) -> None:
        """`types`: type and number of files, most frequent first."""
        if (active, types) != (self._active, self._types):
            self._active, self._types = active, types
            self.refresh()

    def render_line(self, y: int) -> Strip:
        segments: list[Segment] = []
        self._places, at = [], 0
        for text, style, message in self._parts():
            if at + cell_len(text) + 1 > self.size.width:
                break
            segments += [Segment(text, self.get_component_rich_style(style)), Segment(" ", self.rich_style)]
            self._places.append((at, at + cell_len(text), message))
            at += cell_len(text) + 1
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _parts(self) -> list[tuple[str, str, Chips.Toggled | Chips.Opened]]:
        parts: list[tuple[str, str, Chips.Toggled | Chips.Opened]] = [
            (f" {chip.name}: {display(chip.value)} ✕ ", "chip--active", self.Toggled(chip.name, chip.value))
            for chip in self._active
        ]
        parts.append((" + filter ", "chip--add", self.Opened()))
        chosen = {chip.value for chip in self._active if chip.name in ("type", "-type")}
        for name, number in self._types:
            if name and name not in chosen:
                label = f"{sign(name)} {display(name)} {number:,}"
                parts.append((label, "chip--offer", self.Toggled("type", name)))
        return parts

    def on_click(self, event: events.Click) -> None:
        for start, end, message in self._places:
            if start <= event.x < end:
                self.post_message(message)
