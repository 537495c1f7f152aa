"""The base of widgets that paint lines of runs: marks become styles of the theme, whatever the theme is."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.scroll_view import ScrollView
from textual.strip import Strip

from localsearch.tui.text import Line, Mark, columns, shorten

MARKS = {mark: f"mark--{mark.name.lower()}" for mark in Mark if mark and mark.name}


class Painted(ScrollView):
    """Scrolls over lines that a subclass gives; every colour comes from the style sheet."""

    COMPONENT_CLASSES = {*MARKS.values(), "row--chosen", "row--chosen-focus", "row--hit"}  # noqa: RUF012

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._styles_known: dict[tuple[Mark, str], Style] = {}

    def notify_style_update(self) -> None:
        self._styles_known.clear()
        super().notify_style_update()

    def style_of(self, mark: Mark, row: str = "") -> Style:
        """The style of a run. `row`: the class of the line that it stands in, which gives the background."""
        known = self._styles_known.get((mark, row))
        if known is None:
            names = [*([row] if row else []), *(name for one, name in MARKS.items() if mark & one)]
            known = self._styles_known[mark, row] = self._blended(names)
        return known

    def _blended(self, names: Sequence[str]) -> Style:
        """One class over the other on the widget's own colours, so that shares of a colour mix."""
        _, _, background, color = self.colors
        text = Style()
        for name in names:
            styles = self.get_component_styles(name)
            if styles.has_rule("background"):
                background += styles.background
            if styles.has_rule("color"):
                color = background + styles.color
            if styles.has_rule("text_style"):
                text += styles.text_style
        return Style(color=(background + color).rich_color, bgcolor=background.rich_color) + text

    def paint(self, line: Line, width: int, row: str = "") -> Strip:
        """A line as the screen takes it, cut and filled to `width` columns."""
        line = shorten(line, width)
        segments = [Segment(text, self.style_of(mark, row)) for text, mark in line]
        missing = width - columns(line)
        if missing > 0:
            segments.append(Segment(" " * missing, self.style_of(Mark.PLAIN, row)))
        return Strip(segments, width)
