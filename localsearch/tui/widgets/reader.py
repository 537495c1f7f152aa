"""The right side: which document, the document itself, and why the hit is here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from localsearch.display import display
from localsearch.names import page_name
from localsearch.records import Hit, Hits
from localsearch.tui import messages
from localsearch.tui.document import Finding
from localsearch.tui.kinds import kind, sign
from localsearch.tui.places import short
from localsearch.tui.text import Line, Mark, shorten, shorten_left
from localsearch.tui.why import reasons
from localsearch.tui.widgets.lines import Lines
from localsearch.tui.widgets.preview import Preview


class Reader(Vertical):
    """Shows the document of one hit at a time. It asks with messages and is told with methods."""

    @dataclass
    class Needs(Message):
        """The document of a hit."""

        number: int
        hit: Hit

    @dataclass
    class NeedsLayout(Message):
        """The document fitted to another width, or around another passage."""

        read: messages.DocumentRead
        around: int
        width: int
        file: str

    def __init__(self) -> None:
        super().__init__(id="reader")
        self.hit: Hit | None = None
        self.shows_why = False
        self._number = 0
        self._read: messages.DocumentRead | None = None
        self._hit_of_read: Hit | None = None
        self._text = ""
        self._stops: list[int] = []
        self._stays = False
        self._places: dict[int, int] = {}
        self._at = self._around = 0
        self._anchor = (0, 0)

    def compose(self) -> ComposeResult:
        yield Lines(id="where")
        yield Preview(id="preview")
        yield Lines(id="why")

    @property
    def preview(self) -> Preview:
        return self.query_one(Preview)

    @property
    def passage(self) -> int:
        """The passage looked at: the hit's, or the one jumped to."""
        return self._at

    def looked_at(self) -> tuple[str, int | None, str]:
        """Text, page and heading of the passage looked at: the hit's, or the one jumped to."""
        hit, read = self.hit, self._read
        if read is not None and self._at in self._places:
            passage = read.passages[self._places[self._at]]
            return passage.text, passage.page, passage.heading
        return (hit.text, hit.page, hit.heading) if hit else ("", None, "")

    def show(self, hit: Hit | None, hits: Hits | None, text: str) -> None:
        """Show a hit of a search for `text`."""
        self.hit, self._at = hit, hit.passage if hit else 0
        if hit is None or hits is None:
            self._read, self._stops = None, []
            self.preview.show(None, 0)
            self._show_around()
            return
        self._number += 1
        self.post_message(self.Needs(self._number, hit))
        self._text = text
        self._show_around()

    def read(self, message: messages.DocumentRead) -> None:
        """The document's passages are here."""
        if message.number != self._number:
            return
        is_first = self._read is None or self._read.number != message.number
        self._read = message
        self._places = {one.id: at for at, one in enumerate(message.passages)}
        self._stops = list(message.stops or ())
        if is_first:
            self._ask_layout(self._at)
        self._show_around()

    @property
    def number(self) -> int:
        """Of the document that was last asked for."""
        return self._number

    @property
    def lacks_matches(self) -> bool:
        """The document is read, but only around the hit."""
        return self._read is not None and self._read.number == self._number and self._read.stops is None

    def laid_out(self, message: messages.LaidOut) -> None:
        """The document is ready to be painted."""
        if message.number != self._number or message.around != self._around:
            return
        if self._stays and self.preview.has_moved:  # its reader must not be taken back to the match
            self._anchor = self.preview.owner_at(self.preview.scroll_offset.y)
        begin = message.sheet.begins.get(self._anchor[0])
        if begin is not None:
            self.preview.replace(message.sheet, begin + self._anchor[1])
        else:
            self.preview.show(message.sheet, self._at)
        self._show_around()

    @on(Preview.Edge)
    def _edge_reached(self) -> None:
        """Lay out what lies around the lines that are seen now, and stay at them."""
        top = self.preview.scroll_offset.y
        passage, offset = self.preview.owner_at(top)
        if passage:
            self._ask_layout(passage, anchor=(passage, offset))

    @on(Preview.End)
    def _end_wanted(self, message: Preview.End) -> None:
        if self._read is not None and self._read.passages:
            passage = self._read.passages[message.place].id
            self._ask_layout(passage, anchor=(passage, 0 if message.place else -3))

    def explained(self, hit: Hit) -> None:
        """The same hit, with its explanation."""
        self.hit = hit
        self._show_around()
        explanation = hit.why.explanation
        read = self._read
        if explanation is None or read is None or read.number != self._number:
            return
        finding = read.findings.get(hit.passage, Finding(is_hit=True))
        better = Finding(finding.words, explanation.best, finding.is_hit)
        findings = {**read.findings, hit.passage: better}
        self._read = messages.DocumentRead(read.number, read.passages, findings, read.stops)
        self._lay_out_again()

    def jump(self, step: int) -> None:
        """Go to the next (1) or previous (-1) match within the document; around its end to the other side."""
        if not self._stops or self._read is None:
            return
        order = [self._places[stop] for stop in self._stops]
        here = self._places.get(self._at, 0)
        at = bisect_right(order, here) if step > 0 else bisect_left(order, here) - 1
        self._at = self._stops[at % len(order)]
        if not self.preview.go(self._at):
            self._ask_layout(self._at)
        self._show_around()

    def toggle_why(self) -> None:
        self.shows_why = not self.shows_why
        self._show_around()

    def on_resize(self, event: events.Resize) -> None:
        self._show_around()
        if self._read is not None:
            self._lay_out_again()

    def _lay_out_again(self) -> None:
        """The same part of the document, looking or fitting otherwise."""
        passage, _ = self.preview.owner_at(self.preview.scroll_offset.y) if self.preview.has_moved else (0, 0)
        self._ask_layout(passage or self._at, stays=True)

    def _ask_layout(self, around: int, anchor: tuple[int, int] = (0, 0), *, stays: bool = False) -> None:
        """`anchor`: the passage whose first line, and so many below it, is to be on top; none shows the match.

        `stays`: whoever has scrolled stays where they are.
        """
        self._around, self._anchor, self._stays = around, anchor, stays
        if self._read is not None and self.hit is not None:
            file = self.hit.member or self.hit.path.name
            self.post_message(self.NeedsLayout(self._read, around, self.preview.room, file))

    def _show_around(self) -> None:
        """The lines above and below the document."""
        width = max(10, self.size.width - 2)
        self.query_one("#where", Lines).show(self._where(width) if self.hit else [])
        shown = list(reasons(self.hit, width)) if self.hit and self.shows_why else []
        self.query_one("#why", Lines).show(shown)
        self.set_class(bool(shown), "-why")

    def _where(self, width: int) -> list[Line]:
        hit = self.hit
        if hit is None:
            return []
        _, page, heading = self.looked_at()
        numbered = "" if page is None else f"  {page_name(hit.path, hit.member, page)}"
        name = f"{short(hit.path)}{': ' if hit.member else ''}{display(hit.member)}"
        icon = f"{sign(kind(hit.path, hit.member))} "
        path = shorten_left(name, max(8, width - len(numbered) - len(icon)))
        first: Line = ((icon, Mark.ACCENT), (path, Mark.STRONG), (numbered, Mark.ACCENT))
        return [first, shorten(self._position(heading or hit.title), width)]

    def _position(self, heading: str) -> Line:
        heading = display(" ".join(heading.split()))
        if len(self._stops) < 2 or self._at not in self._stops:
            return ((heading, Mark.DIM),)
        number = self._stops.index(self._at) + 1
        return ((f"match {number} of {len(self._stops)}  ", Mark.PLAIN), (heading, Mark.DIM))
