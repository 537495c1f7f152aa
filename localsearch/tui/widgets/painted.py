"""The base of widgets that paint lines of runs: marks become styles of the theme, whatever the theme is."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
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

    def has_lines(self, count: int) -> None:
        """So many lines can be scrolled over.

        Setting `virtual_size` as such would have the whole screen arranged and painted anew. The scrollbar's column is
        always kept free, so nothing else depends on the number of lines, unless the height does.
        """
        size = Size(0, count)
        if self.styles.is_auto_height:
            self.virtual_size = size
        elif size != self.virtual_size:
            self.set_reactive(Painted.virtual_size, size)
            self._scroll_update(size)
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Without borders and padding the lines are the picture; this takes half as long as composing them."""
        if self.styles.gutter.totals != (0, 0):
            return super().render_lines(crop)
        left, right = crop.column_span
        style = self.rich_style
        strips = [self.render_line(y).crop_extend(left, right, style) for y in crop.line_range]
        _, background = self.background_colors
        for one in self.get_line_filters():
            strips = [strip.apply_filter(one, background) for strip in strips]
        return strips

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
