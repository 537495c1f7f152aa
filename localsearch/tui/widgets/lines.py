"""A few lines of runs in a box: headers, reasons, hints."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from localsearch.tui.text import Line
from localsearch.tui.widgets.painted import Painted


class Lines(Painted, can_focus=False):
    """Lines that are given. `grows`: the box is as high as they are, up to what the style sheet allows."""

    def __init__(self, *, id: str | None = None, classes: str | None = None, grows: bool = True) -> None:
        super().__init__(id=id, classes=classes)
        self._grows = grows
        self.lines: Sequence[Line] = ()

    def show(self, lines: Sequence[Line]) -> None:
        if lines == self.lines:
            return
        if len(lines) != len(self.lines):
            self.has_lines(len(lines))
            if self._grows:
                self.styles.height = len(lines)
        self.lines = lines
        self.refresh()

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        return self.paint(self.lines[at] if at < len(self.lines) else (), self.scrollable_content_region.width)
