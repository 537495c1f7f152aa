"""HTML to blocks, as a browser would show it: no scripts, no styles, no navigation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from localsearch.ingest.parse import metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.records import Block

Attributes = list[tuple[str, str | None]]

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SKIPPED = frozenset(
    (
        *("script", "style", "template", "noscript", "svg", "math", "iframe", "object", "embed", "canvas", "select"),
        *("button", "audio", "video", "datalist", "noframes"),
    )
)
_NAVIGATION = frozenset(("nav", "menu"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_BREAKS = frozenset(
    (
        *("p", "div", "section", "article", "header", "footer", "main", "aside", "address", "blockquote", "figure"),
        *("figcaption", "ul", "ol", "dl", "dt", "dd", "form", "fieldset", "legend", "hr", "center", "details"),
        *("body", "html", "caption", "option", "label", "title", "summary"),
    )
)
# The standard library's parser does not take these for the end that every browser takes them for.
_SLOPPY_END = re.compile(r"</(script|style|title)\b[^>]*>", re.IGNORECASE)
_OPEN_ENDED = frozenset(("p", "li", "dt", "dd", "tr", "td", "th", "option"))
_LISTS = frozenset(("ul", "ol"))
_TITLES = frozenset(("og:title", "dc.title", "citation_title"))
_AUTHORS = frozenset(("author", "dc.creator", "article:author", "citation_author"))
_DATES = frozenset(("article:published_time", "date", "dc.date", "dcterms.created", "citation_date", "pubdate"))


@dataclass(frozen=True, slots=True)
class Page:
    """What an HTML text holds."""

    blocks: tuple[Block, ...]
    title: str
    author: str
    date: int | None


def read(text: str, *, navigation: bool = False) -> Page:
    """Read HTML of any quality. `navigation`: keep menus as well; a page that has nothing else keeps them anyway."""
    reader = _Reader(Builder(), navigation)
    reader.feed(_SLOPPY_END.sub(r"</\1>", text))
    reader.close()
    page = reader.page()
    return page if page.blocks or navigation else read(text, navigation=True)


def add(builder: Builder, text: str) -> None:
    """Add an HTML text to what a builder holds already."""
    reader = _Reader(builder, navigation=True)
    reader.feed(text)
    reader.close()
    reader.page()


class _Table:
    """A table being read. One that holds another table only arranges the page: its cells are ordinary text."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.in_cell = False
        self.layout = False

    def row(self) -> list[str]:
        if not self.rows:
            self.rows.append([])
        return self.rows[-1]


class _Reader(HTMLParser):
    def __init__(self, builder: Builder, navigation: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._skipped_names = _SKIPPED if navigation else _SKIPPED | _NAVIGATION
        self._builder = builder
        self._text: list[str] = []
        self._items: list[str] = []
        self._tables: list[_Table] = []
        self._skipping: list[str] = []
        """The element that is left out, as often as it is open within itself."""
        self._lists = 0
        """How many lists are open."""
        self._in_item = False
        self._preformatted = 0
        self._in_title = False
        self._title = ""
        self._facts: dict[str, str] = {}

    def page(self) -> Page:
        """Everything read. The reader is used up."""
        self._flush()
        self._end_list()
        while self._tables:
            self._end_table()
        facts = self._facts
        title = metadata.title(self._title) or metadata.title(facts.get("title", ""))
        return Page(
            blocks=self._builder.blocks(),
            title=title or metadata.title(self._builder.first_heading()),
            author=metadata.author(facts.get("author", "")),
            date=metadata.date(facts.get("date", "")),
        )

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if self._skipping and not self._is_ended_by(tag):
            if tag == self._skipping[0]:
                self._skipping.append(tag)
            return
        self._skipping = []
        if tag in self._skipped_names or (tag not in _VOID and _is_hidden(attrs)):
            self._skipping = [tag]
        elif tag == "title":
            self._in_title = True
        elif tag == "meta":
            self._remember(attrs)
        elif tag == "br":
            self._text.append("\n")
        else:
            self._open(tag)

    def _is_ended_by(self, tag: str) -> bool:
        """Whether a start tag ends the element that is left out: some need no end tag of their own."""
        skipped = self._skipping[0]
        return skipped in _OPEN_ENDED and (tag == skipped or (skipped == "p" and tag in _BREAKS))

    def _open(self, tag: str) -> None:
        if tag in _HEADINGS or tag in _BREAKS:
            self._break()
            self._lists += tag in _LISTS
        elif tag == "pre":
            self._break()
            self._preformatted += 1
        elif tag == "li":
            self._flush()
            self._in_item = True
        elif tag == "table":
            self._start_table()
        elif tag == "tr" and self._tables:
            self._end_cell()
            self._tables[-1].rows.append([])
        elif tag in ("td", "th") and self._tables:
            self._end_cell()
            self._tables[-1].in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            if tag == self._skipping[0]:
                self._skipping.pop()
        elif tag == "title":
            self._in_title = False
        elif tag in ("td", "th", "tr", "caption", "table"):
            self._close_in_table(tag)
        else:
            self._close(tag)

    def _close(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._heading(_HEADINGS[tag])
        elif tag == "pre" and self._preformatted:
            self._code()
        elif tag == "li":
            self._flush()
            self._in_item = False
        elif tag in _BREAKS:
            self._break()
            if tag in _LISTS:
                self._close_list()

    def _close_list(self) -> None:
        self._flush()
        self._lists = max(self._lists - 1, 0)
        if not self._lists:
            self._in_item = False
            self._end_list()

    def _close_in_table(self, tag: str) -> None:
        if tag == "caption":
            self._caption()
        elif tag != "table":
            self._end_cell()
        elif self._tables:
            self._end_table()

    def handle_data(self, data: str) -> None:
        if self._skipping:
            return
        if self._in_title:
            self._title += data
        else:
            self._text.append(data if self._preformatted else " ".join(data.split("\n")))

    def _remember(self, attributes: Attributes) -> None:
        values = {name: value or "" for name, value in attributes}
        name = (values.get("name") or values.get("property") or "").lower()
        for fact, names in (("title", _TITLES), ("author", _AUTHORS), ("date", _DATES)):
            if name in names:
                self._facts.setdefault(fact, values.get("content", ""))

    def _data_table(self) -> _Table | None:
        """The table whose cells are being collected."""
        return self._tables[-1] if self._tables and not self._tables[-1].layout else None

    def _break(self) -> None:
        """End a paragraph; inside a cell it is a blank, inside a list item a line."""
        if self._data_table() is not None:
            self._text.append(" ")
        elif self._in_item:
            self._text.append("\n")
        else:
            self._flush()

    def _flush(self) -> None:
        """What was collected becomes a list item or a paragraph."""
        if self._data_table() is not None:
            return
        text = "".join(self._text)
        self._text = []
        if not text.strip():
            return
        if self._in_item:
            self._items.append("- " + " ".join(text.split()))
            return
        self._end_list()
        self._builder.paragraph(text)

    def _end_list(self) -> None:
        if self._items:
            self._builder.paragraph("\n".join(self._items))
            self._items = []

    def _heading(self, level: int) -> None:
        if self._data_table() is not None or self._in_item:
            self._break()
            return
        text, self._text = "".join(self._text), []
        self._end_list()
        self._builder.heading(text, level)

    def _code(self) -> None:
        self._preformatted -= 1
        if self._data_table() is not None or self._in_item:
            self._break()
            return
        text, self._text = "".join(self._text), []
        self._end_list()
        self._builder.code(text)

    def _start_table(self) -> None:
        outer = self._data_table()
        if outer is not None:
            self._end_cell()
            outer.layout = True
            self._paragraphs(outer)
        self._flush()
        self._end_list()
        self._tables.append(_Table())

    def _end_cell(self) -> None:
        table = self._data_table()
        if table is None:
            self._flush()
            return
        text = "".join(self._text).strip()
        if text or table.in_cell:
            table.row().append(text)
        table.in_cell = False
        self._text = []

    def _caption(self) -> None:
        """The name of a table goes before it."""
        text, self._text = "".join(self._text), []
        self._builder.paragraph(text)

    def _end_table(self) -> None:
        self._end_cell()
        table = self._tables.pop()
        if table.layout:
            return
        if any(len(row) > 1 for row in table.rows):
            self._builder.table(table.rows)
        else:
            self._paragraphs(table)

    def _paragraphs(self, table: _Table) -> None:
        """The cells of a table that is none."""
        for row in table.rows:
            for cell in row:
                self._builder.paragraph(cell)
        table.rows = []


def _is_hidden(attributes: Attributes) -> bool:
    """Whether an element is not shown."""
    values = dict(attributes)
    style = (values.get("style") or "").replace(" ", "").lower()
    return "hidden" in values or "display:none" in style or values.get("role") == "navigation"
