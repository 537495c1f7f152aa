"""The index screen: what is read from where, what was skipped and why, and a run to watch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from localsearch.display import display
from localsearch.names import count, moment, size
from localsearch.records import Root, Skipped, Status
from localsearch.tui.findings import findings
from localsearch.tui.places import short
from localsearch.tui.text import Line, Mark, columns, shorten, shorten_left, wrap
from localsearch.tui.widgets.keybar import KeyBar
from localsearch.tui.widgets.lines import Lines
from localsearch.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from localsearch.tui.app import LocalSearchApp
    from localsearch.tui.messages import RunProgress

_BAR = 30


class Folders(Rows):
    """The roots of the index."""

    def __init__(self) -> None:
        super().__init__(id="folders")
        self.roots: Sequence[Root] = ()

    @property
    def count(self) -> int:
        return len(self.roots)

    def lines_of_row(self, at: int, width: int) -> Sequence[Line]:
        root = self.roots[at]
        told = f"{count(root.files, 'file')}, {count(root.passages, 'passage')}"
        note = "" if root.present else "  not there now"
        path = shorten_left(short(root.path), max(10, width - len(told) - len(note) - 2))
        line: Line = ((path, Mark.PLAIN), (note, Mark.WARNING))
        return [(*line, (" " * max(2, width - columns(line) - len(told)), Mark.PLAIN), (told, Mark.DIM))]


class SkippedFiles(Rows):
    """Files that gave nothing, or not everything."""

    def __init__(self) -> None:
        super().__init__(id="skipped")
        self.skipped: Sequence[Skipped] = ()

    @property
    def count(self) -> int:
        return len(self.skipped)

    def lines_of_row(self, at: int, width: int) -> Sequence[Line]:
        one = self.skipped[at]
        reason = shorten(((display(one.reason), Mark.WARNING),), width * 2 // 3)
        path = shorten_left(short(one.path), max(10, width - columns(reason) - 2))
        return [((path, Mark.PLAIN), ("  ", Mark.PLAIN), *reason)]


class IndexScreen(Screen[None]):
    """Searching goes on while a run is under way: Esc goes back to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f2,q", "leave", "Search", key_display="Esc", tooltip="Back to searching"),
        Binding("u", "update", "Update", tooltip="Read what is new or changed in all folders"),
        Binding("a", "add", "Add folder", tooltip="Choose a folder and read it"),
        Binding("d,delete", "forget", "Forget", key_display="d", tooltip="Forget the chosen folder"),
        Binding("c", "cancel", "Cancel", tooltip="Stop the run; what was committed stays"),
        Binding("question_mark", "app.help", "Help", show=False),
    ]

    def compose(self) -> ComposeResult:
        yield Lines(id="facts")
        yield Lines(id="run")
        yield Lines(id="folders-title", classes="title")
        yield Folders()
        yield Lines(id="findings-title", classes="title")
        yield Lines(id="findings")
        yield Lines(id="skipped-title", classes="title")
        yield SkippedFiles()
        yield KeyBar()

    @property
    def ours(self) -> LocalSearchApp:
        return cast("LocalSearchApp", self.app)

    def on_mount(self) -> None:
        self.query_one(Folders).focus()
        self.ours.session.read_status()
        self.status_changed()
        if self.ours.search_screen.has_no_index and not self.ours.session.running:
            self.action_add()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        running = bool(self.ours.session.running)
        return {"cancel": running, "update": not running, "add": not running, "forget": not running}.get(action, True)

    def status_changed(self) -> None:
        """What the index holds, or how far a run is, has changed."""
        app = self.ours
        width = max(20, self.size.width - 4)
        status = app.status
        self.query_one("#facts", Lines).show(_facts(status, app.session.folder, width))
        self.query_one("#run", Lines).show(_run_lines(app.session.running, app.progress, width))
        self.query_one("#folders-title", Lines).show([(), (("Folders", Mark.STRONG),)])
        folders, skipped = self.query_one(Folders), self.query_one(SkippedFiles)
        if status is not None:
            told = findings(status, is_running=bool(app.session.running), encoder_problem=app.session.encoder_problem)
            self.query_one("#findings", Lines).show([shorten(line, width) for line in told])
            self.query_one("#findings-title", Lines).show([(), (("Findings", Mark.STRONG),)])
            if status.roots != folders.roots:
                folders.roots = status.roots
                folders.changed()
            if status.skipped != skipped.skipped:
                skipped.skipped = status.skipped
                skipped.changed()
        title = f"Skipped ({len(skipped.skipped):,})" if skipped.skipped else ""
        self.query_one("#skipped-title", Lines).show([(), ((title, Mark.STRONG),)] if title else [])
        self.refresh_bindings()

    def on_resize(self) -> None:
        self.status_changed()

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_update(self) -> None:
        self.ours.session.update()
        self.status_changed()

    def action_cancel(self) -> None:
        self.ours.session.cancel()
        self.ours.say("Stopping after this step …")

    def action_add(self) -> None:
        from localsearch.tui.choices import folder_question
        from localsearch.tui.screens.picker import Picker

        def chosen(path: object) -> None:
            if isinstance(path, Path):
                self.ours.session.add(path)
                self.status_changed()
            elif self.ours.search_screen.has_no_index:
                self.dismiss(None)

        self.app.push_screen(Picker(folder_question(Path(os.getcwd()))), chosen)

    def action_forget(self) -> None:
        from localsearch.tui.screens.confirm import Confirm

        folders = self.query_one(Folders)
        if not folders.roots:
            return
        root = folders.roots[folders.at]

        def answered(yes: bool | None) -> None:
            if yes:
                self.ours.session.forget(root.path)
                self.status_changed()

        question = f"Forget {short(root.path)}?"
        detail = (
            f"The text and vectors of {count(root.files, 'file')} ({count(root.passages, 'passage')}) are removed from"
            " the index. The files themselves stay."
        )
        self.app.push_screen(Confirm(question, detail), answered)


def _facts(status: Status | None, folder: Path, width: int) -> list[Line]:
    if status is None:
        return [(("index    ", Mark.ACCENT), (short(folder), Mark.PLAIN))]
    content = ", ".join(
        (count(status.files, "file"), count(status.documents, "document"), count(status.passages, "passage"))
    )
    types = ", ".join(f"{display(kind or 'unknown')} {number:,}" for kind, number in status.types)
    last = moment(status.updated) if status.updated else "none was completed yet"
    facts = {
        "index": f"{short(status.folder)}, {size(status.bytes)}",
        "content": content,
        "types": types,
        "encoder": f"{display(status.encoder)}, {status.dim} dimensions",
        "last run": last,
    }
    lines: list[Line] = []
    for name, value in facts.items():
        first, *others = wrap(((value, Mark.PLAIN),), width - 9)
        lines += [((f"{name:<9}", Mark.ACCENT), *first), *(((" " * 9, Mark.PLAIN), *other) for other in others)]
    return lines


def _run_lines(running: str, progress: RunProgress | None, width: int) -> list[Line]:
    """Two lines while a run is under way."""
    if not running:
        return []
    if progress is None:
        return [(), ((f"⟳ {running}: looking for what changed", Mark.ACCENT),)]
    now = progress.progress
    share = now.files_done / now.files_total if now.files_total else 0.0
    filled = round(share * _BAR)
    bar = "█" * filled + "░" * (_BAR - filled)
    told = progress.meter.line(now)
    return [
        (),
        shorten(((f"⟳ {running} ", Mark.ACCENT), (bar, Mark.BAR), (f" {share:4.0%}  {told}", Mark.PLAIN)), width),
    ]
