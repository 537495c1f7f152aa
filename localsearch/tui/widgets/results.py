"""The list of hits: how good, what kind of file, where, and the words that were found."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from localsearch.display import display
from localsearch.names import page_name
from localsearch.records import Hit, Hits
from localsearch.sentences import sentences_and_rows
from localsearch.tui.kinds import kind, sign
from localsearch.tui.places import short
from localsearch.tui.text import Line, Mark, Span, columns, first_lines, marked, one_line, shorten, shorten_left
from localsearch.tui.widgets.rows import Rows

BAR = 5
"""Columns of the score bar."""
ROOMY = 34
"""Lines of the list from which a hit's text gets two lines."""


class Results(Rows):
    """The hits of a search."""

    class Wanted(Message):
        """The cursor reached the last hit: there may be more."""

    height_of_row = 3

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hits: Sequence[Hit] = ()

    @property
    def count(self) -> int:
        return len(self.hits)

    @property
    def hit(self) -> Hit | None:
        """The one under the cursor."""
        return self.hits[self.at] if self.at < len(self.hits) else None

    def show(self, hits: Hits, *, keep: bool) -> None:
        """Show other hits. `keep`: the cursor stays on its passage where that is still among them."""
        before = self.hit.passage if keep and self.hit else 0
        self.hits = tuple(hits)
        at = next((at for at, hit in enumerate(self.hits) if hit.passage == before), 0) if before else 0
        self.changed(at)

    def explained(self, hit: Hit) -> None:
        """The same hit, with its explanation."""
        for at, one in enumerate(self.hits):
            if one.passage == hit.passage:
                self.hits = (*self.hits[:at], hit, *self.hits[at + 1 :])
                self._painted.clear()
                self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self.height_of_row = 4 if event.size.height >= ROOMY else 3
        self.changed()
        super().on_resize(event)

    def lines_of_row(self, at: int, width: int) -> Sequence[Line]:
        hit = self.hits[at]
        text = " " * 3
        lines = [_headline(hit, width), ((text, Mark.PLAIN), *shorten(_place(hit, width - 3), width - 3))]
        lines += [((text, Mark.PLAIN), *line) for line in _excerpt(hit, width - 3, self.height_of_row - 2)]
        return lines

    def put(self, at: int) -> None:
        if at >= self.count - 1 and self.count:
            self.post_message(self.Wanted())
        super().put(at)


def bar(score: float, width: int = BAR) -> str:
    """A score from 0 to 1 as a line, in halves of a column."""
    full, half = divmod(round(max(0.0, min(score, 1.0)) * width * 2), 2)
    return ("━" * full + ("╸" if half else "")).ljust(width)


def _headline(hit: Hit, width: int) -> Line:
    name = kind(hit.path, hit.member)
    page = f" {page_name(hit.path, hit.member, hit.page)}" if hit.page is not None else ""
    page += f" +{hit.others}" if hit.others else ""
    head: Line = (
        (f"{hit.rank:>2} ", Mark.DIM),
        (bar(hit.score), Mark.BAR),
        (f" {min(99, int(hit.score * 100)):>2} ", Mark.DIM),
        (f" {sign(name)} {display(name):<5}", Mark.ACCENT),
    )
    title = display(hit.path.name) if not hit.member else f"{display(hit.path.name)}: {display(hit.member)}"
    room = width - columns(head) - len(page)
    return (*head, *shorten(((title, Mark.STRONG),), room), (page, Mark.PLAIN))


def _place(hit: Hit, width: int) -> Line:
    """Folder and headings; the headings are more likely to tell something, so the folder gives way."""
    heading = display(" ".join(hit.heading.split())) or display(" ".join(hit.title.split()))
    folder = shorten_left(f"{short(hit.path.parent)}/", max(width // 3, width - columns(((heading, Mark.DIM),)) - 3))
    between = " › " if heading else ""
    return ((folder, Mark.DIM), (between, Mark.DIM), (heading, Mark.DIM))


def _excerpt(hit: Hit, width: int, count: int) -> list[Line]:
    """The passage from its best sentence on: the one that carries the meaning, else the one with most of the words."""
    best = hit.best or _fullest_sentence(hit)
    spans = [(start, end, Mark.MATCH) for start, end in hit.spans]
    if hit.best is not None:
        spans.append((*hit.best, Mark.BEST))
    line = one_line(marked(hit.text, spans, multiline=True, start=best[0]))
    before: Line = (("… ", Mark.DIM),) if hit.text[: best[0]].strip() else ()
    return first_lines((*before, *line), width, count)


def _fullest_sentence(hit: Hit) -> Span:
    """The sentence or row with most different words of the query; the first one when there are none."""
    best, most = (0, 0), 0
    for start, end in sentences_and_rows(hit.text):
        words = {hit.text[left:right].casefold() for left, right in hit.spans if start <= left < end}
        if len(words) > most:
            best, most = (start, end), len(words)
    return best
