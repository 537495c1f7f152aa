"""The document around the hit: scrolls, marks, and jumps from match to match."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message
from textual.strip import Strip

from localsearch.tui.document import Sheet
from localsearch.tui.text import Line, Mark
from localsearch.tui.widgets.painted import Painted

MARGIN = 2
"""Columns at the left: the passage looked at has a bar there."""
CONTEXT = 3
"""Lines shown above the match that is jumped to."""


class Preview(Painted, can_focus=True):
    """One document, laid out elsewhere."""

    class Edge(Message):
        """The end of what is laid out was reached, and the document goes on there."""

    @dataclass
    class End(Message):
        """The first (0) or last (-1) passage of the document is wanted."""

        place: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.sheet: Sheet | None = None
        self.passage = 0
        """The one looked at."""
        self._placed = 0
        """The line that `go` put on top; -1 after another part was laid out."""

    @property
    def room(self) -> int:
        """Columns for text."""
        return max(10, self.scrollable_content_region.width - MARGIN)

    def show(self, sheet: Sheet | None, passage: int) -> None:
        """Show a document, at one of its passages."""
        self.sheet, self.passage = sheet, passage
        self.has_lines(len(sheet.lines) if sheet else 0)
        self.go(passage)

    def go(self, passage: int) -> bool:
        """Scroll to a passage; False when it is not laid out."""
        self.passage = passage
        self.refresh()
        if self.sheet is None or passage not in self.sheet.begins:
            return False
        begin = self.sheet.begins[passage]
        match = self.sheet.best.get(passage, begin)
        height = self.scrollable_content_region.height
        top = begin if match - begin < height - CONTEXT else match - CONTEXT
        self._placed = min(max(0, top - 1), self.max_scroll_y)
        self.scroll_to(y=self._placed, animate=False, force=True)
        return True

    @property
    def has_moved(self) -> bool:
        """Whether somebody has scrolled since `go`."""
        return self.scroll_offset.y != self._placed

    def replace(self, sheet: Sheet, top: int) -> None:
        """Another part of the same document, scrolled to a line."""
        self.sheet, self._placed = sheet, -1
        self.has_lines(len(sheet.lines))
        self.scroll_to(y=max(0, top), animate=False, force=True)
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        sheet, top = self.sheet, round(new_value)
        if sheet is None or round(old_value) == top:
            return
        bottom = top + self.scrollable_content_region.height
        if (sheet.earlier and top == 0) or (sheet.later and bottom >= len(sheet.lines)):
            self.post_message(self.Edge())

    def owner_at(self, line: int) -> tuple[int, int]:
        """The passage that a line is of, or the next one, and how far below its first line it stands; 0 for none."""
        if self.sheet is not None:
            for at in range(max(line, 0), len(self.sheet.owners)):
                if owner := self.sheet.owners[at]:
                    return owner, line - self.sheet.begins[owner]
        return 0, 0

    def action_scroll_home(self) -> None:
        self.post_message(self.End(0))

    def action_scroll_end(self) -> None:
        self.post_message(self.End(-1))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        at = y + self.scroll_offset.y
        if self.sheet is None or at >= len(self.sheet.lines):
            return self.paint((), width)
        here = self.sheet.owners[at] == self.passage
        edge: Line = (("▌ " if here else "  ", Mark.ACCENT),)
        return self.paint((*edge, *self.sheet.lines[at]), width, "row--hit" if here else "")
