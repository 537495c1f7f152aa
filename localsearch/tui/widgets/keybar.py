"""The bottom line: what the keys do where the focus is. A click does the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.screen import Screen


class KeyBar(Widget):
    """One line painted at once; a widget for each key would cost every start a tenth of a second."""

    COMPONENT_CLASSES = {"keybar--key", "keybar--text"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        key_style = self.get_component_rich_style("keybar--key")
        text_style = self.get_component_rich_style("keybar--text")
        segments: list[Segment] = []
        self._places, at = [], 0
        for key, shown, text in self._keys():
            needed = len(shown) + len(text) + 3
            if at + needed > self.size.width:
                break
            segments += [Segment(f" {shown} ", key_style), Segment(f"{text} ", text_style)]
            self._places.append((at, at + needed, key))
            at += needed
        segments.append(Segment(" " * (self.size.width - at), text_style))
        return Strip(segments, self.size.width)

    def _keys(self) -> list[tuple[str, str, str]]:
        """Key, how it is written, and what it does; each action once."""
        found: dict[str, tuple[str, str, str]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled:
                shown = self.app.get_key_display(binding)
                found.setdefault(binding.action, (binding.key, shown, binding.description))
        return list(found.values())

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._places:
            if start <= event.x < end:
                self.app.simulate_key(key)
