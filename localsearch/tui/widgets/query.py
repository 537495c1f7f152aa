"""The line in which the query is typed, and the three ways to search beside it."""

from __future__ import annotations

import re
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from localsearch.display import display
from localsearch.records import Mode

LONGEST = 1000
_SHOWN = re.compile(r"<U\+[0-9A-F]{4,6}>")
MODES = {Mode.HYBRID: "both", Mode.SEMANTIC: "meaning", Mode.KEYWORD: "words"}


class QueryLine(Input):
    """What is looked for. Editing keys work as in a shell; the keys that move go to the results."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "screen.result(-1)", "Result before", show=False),
        Binding("down", "screen.result(1)", "Result after", show=False),
        Binding("escape", "clear_all", "Clear", show=False),
    ]

    value = reactive("", init=False)
    """Without the layout of the whole screen that a plain Input asks for with every key: the width is fixed."""

    def __init__(self, text: str = "") -> None:
        super().__init__(
            typable(text),
            id="query",
            placeholder="Ask a question, or type words …",
            select_on_focus=False,
            max_length=LONGEST,
            compact=True,
        )

    def action_clear_all(self) -> None:
        self.value = ""

    def put(self, text: str) -> None:
        """Another query, with the cursor behind it."""
        self.value = typable(text)
        self.cursor_position = len(self.value)

    async def _on_key(self, event: events.Key) -> None:
        """Editing keys act here and now. As bindings they would act after the letters typed behind them: on a slow
        line Ctrl+U would delete what came later."""
        if not event.is_printable:
            for binding in self._bindings.key_to_bindings.get(event.key, ()):
                if await self.app.run_action(binding.action, self):
                    event.stop()
                    event.prevent_default()
                    return
        await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        """Lines become one; a control character or a direction mark is not let in."""
        event.stop()
        event.prevent_default()
        self.replace(typable(event.text)[:LONGEST], *self.selection)


def typable(text: str) -> str:
    """A text as one that could have been typed: one line, without what `display` would have to show."""
    text = " ".join(text.split())
    while (shown := display(text)) != text:
        text = _SHOWN.sub("", shown)
    return text


class ModeBar(Widget):
    """`[both] meaning words`: how a query searches; a click chooses."""

    COMPONENT_CLASSES = {"mode--chosen", "mode--other"}  # noqa: RUF012

    class Changed(Message):
        def __init__(self, mode: Mode) -> None:
            super().__init__()
            self.mode = mode

    def __init__(self, mode: Mode) -> None:
        super().__init__(id="modes")
        self.mode = mode
        self.tooltip = "Search by meaning and words, by meaning alone, or by words alone (Ctrl+T)"

    def choose(self, mode: Mode) -> None:
        if mode is not self.mode:
            self.mode = mode
            self.refresh()
            self.post_message(self.Changed(mode))

    def next(self) -> None:
        order = list(MODES)
        self.choose(order[(order.index(self.mode) + 1) % len(order)])

    def render_line(self, y: int) -> Strip:
        chosen, other = (self.get_component_rich_style(name) for name in ("mode--chosen", "mode--other"))
        segments = [
            Segment(f"[{label}]", chosen) if mode is self.mode else Segment(f" {label} ", other)
            for mode, label in MODES.items()
        ]
        return Strip(segments).adjust_cell_length(self.size.width, other)

    def on_click(self, event: events.Click) -> None:
        end = 0
        for mode, label in MODES.items():
            end += len(label) + 2
            if event.x < end:
                self.choose(mode)
                return
