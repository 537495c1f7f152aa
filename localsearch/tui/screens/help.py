"""All keys, and how queries are written."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from localsearch.tui.text import Line, Mark
from localsearch.tui.widgets.keybar import KeyBar
from localsearch.tui.widgets.lines import Lines
from localsearch.tui.widgets.scroller import Scroller

SECTIONS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Everywhere",
        (
            ("Tab", "query, results, document"),
            ("↑ ↓", "choose a result, also while typing"),
            ("PgUp PgDn", "scroll the document, also while typing"),
            ("F3  Shift+F3", "next match in the document, match before"),
            ("Ctrl+F", "filter by type, folder or date"),
            ("Ctrl+T", "by meaning and words, by meaning, by words"),
            ("Ctrl+G", "one result for each document, or all passages"),
            ("Ctrl+R", "queries used before"),
            ("Ctrl+S", "saved searches; save this one"),
            ("F2", "the index: folders, skipped files, update"),
            ("F4", "why the chosen result is here"),
            ("F6  F7", "go to the answer; take the words suggested"),
            ("Ctrl+L", "more like the page or document of a result"),
            ("F5", "show or hide the document"),
            ("Ctrl+P", "all commands by name, themes"),
            ("F1  Ctrl+Q", "this help; leave"),
        ),
    ),
    (
        "In the query",
        (
            ("Enter", "go to the results"),
            ("Esc", "clear the query"),
            ("Ctrl+O  Ctrl+Y", "open the document, copy the passage"),
        ),
    ),
    (
        "In the results and the document",
        (
            ("Enter  o", "open in the system's application, at the page"),
            ("e", "open in $EDITOR, at the line (text files)"),
            ("r", "show its folder in the file manager"),
            ("y", "copy the passage with its citation"),
            ("Y", "show the passage alone, to select it by hand"),
            ("n  N", "next match in the document, match before"),
            ("m", "more like this page or document"),
            ("w  p", "why; document on or off"),
            ("j k g G", "down, up, first, last"),
            ("/  Esc", "back to the query"),
            ("?  q", "this help; leave"),
        ),
    ),
    (
        "How a query is written",
        (
            ("notice period", "meaning and words, in any order"),
            ('"notice period"', "must occur as it stands"),
            ("-draft", "must not occur"),
            ("type:pdf", "only files of this type"),
            ("path:contracts/", "only below this folder; globs work"),
            ("author:smith", "only documents by that author; title: likewise"),
            ("-type:xlsx", "a filter with a minus excludes"),
            ("after:2024-03", "only documents of that date or later"),
            ("before:2025", "only documents from before"),
        ),
    ),
)
KEY_COLUMNS = 18


class HelpScreen(ModalScreen[None]):
    """Scrolls; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,question_mark,enter", "leave", "Back", key_display="Esc")
    ]

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Lines(id="dialog-title")
            yield Scroller(id="help")
            yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#dialog-title", Lines).show([(("Keys and queries", Mark.STRONG),)])
        self.query_one(Scroller).show(_lines())
        self.query_one(Scroller).focus()

    def action_leave(self) -> None:
        self.dismiss(None)


def _lines() -> list[Line]:
    lines: list[Line] = []
    for title, keys in SECTIONS:
        lines += [()] if lines else []
        lines.append(((title, Mark.STRONG),))
        lines += [((f"  {key:<{KEY_COLUMNS}}", Mark.ACCENT), (text, Mark.PLAIN)) for key, text in keys]
    return lines
