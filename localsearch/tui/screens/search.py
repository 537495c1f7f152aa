"""The search screen: query, filters, hits and the document around the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.timer import Timer
from textual.widgets import Input

from localsearch.records import Answer, Hit, Hits, Mode
from localsearch.tui import filters, messages
from localsearch.tui.above import answer_lines, corrected, suggestion_lines
from localsearch.tui.screens.hits import HitScreen
from localsearch.tui.state import state_line
from localsearch.tui.text import Line, Mark, wrap
from localsearch.tui.welcome import no_index, nothing_found, problem, welcome
from localsearch.tui.widgets.chips import Chips
from localsearch.tui.widgets.keybar import KeyBar
from localsearch.tui.widgets.lines import Lines
from localsearch.tui.widgets.query import ModeBar, QueryLine
from localsearch.tui.widgets.reader import Reader
from localsearch.tui.widgets.results import Results

if TYPE_CHECKING:
    from localsearch.errors import LocalSearchError
    from localsearch.tui.app import LocalSearchApp
    from localsearch.tui.screens.picker import Question

BREATH = 0.03
"""Seconds between an answer and reading the document of its best hit."""
REST = 0.12
"""Seconds after a document is shown when it is looked at more closely."""
PAUSE = 0.35
"""Seconds without a new answer after which the sentence that answers is looked for."""
DEBOUNCE = 0.02
"""Seconds without a key before a search begins: shorter than a blink, longer than the gap inside a paste."""
FIRST = 30
MORE = 50
MOST = 500
"""Hits asked for at first, how many more each time the end is reached, and at most."""


class Body(Container):
    """Results and document: single letters act on the hit here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "screen.open", "Open", tooltip="Open in the system's application, at the page"),
        Binding("e", "screen.edit", "Edit", tooltip="Open in $EDITOR, at the line"),
        Binding("y", "screen.copy", "Copy", tooltip="Copy the passage with its citation"),
        Binding("Y", "screen.show_copy", "Show to copy", show=False, tooltip="The passage alone, to select by hand"),
        Binding("r", "screen.reveal", "Folder", tooltip="Show its folder in the file manager"),
        Binding("n", "screen.jump(1)", "Next match"),
        Binding("N", "screen.jump(-1)", "Match before", show=False),
        Binding("w", "screen.why", "Why"),
        Binding("m", "screen.like", "More like it", show=False, tooltip="Passages like this page or document"),
        Binding("p", "screen.preview", "Preview", show=False),
        Binding("slash,escape,i", "screen.focus_query", "Query", key_display="/"),
        Binding("question_mark", "app.help", "Help", show=False),
        Binding("q", "app.quit", "Quit", show=False),
    ]


class SearchScreen(HitScreen):
    """What the program begins and ends with."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, so that a key typed ahead after Enter is for the results already.
        Binding("enter", "to_results", "Results", priority=True),
        Binding("enter", "choose", "Open", priority=True),
        Binding("f3,ctrl+n", "jump(1)", "Next match", key_display="F3", tooltip="Next match within the document"),
        Binding("shift+f3,ctrl+b", "jump(-1)", "Match before", show=False, tooltip="Match before, in the document"),
        Binding("ctrl+t", "mode", "Mode", tooltip="Search by meaning and words, by meaning, or by words"),
        Binding("ctrl+f", "filter", "Filter", priority=True, tooltip="Narrow to a type, a folder or a date"),
        Binding("ctrl+r", "history", "History", tooltip="Queries used before"),
        Binding("ctrl+s", "saved", "Saved", tooltip="Saved searches; keep this one"),
        Binding("f2", "index", "Index", tooltip="Folders, counts, skipped files; add, update, forget"),
        Binding("f4", "why", "Why", tooltip="Why the chosen hit is here", show=False),
        Binding("f5", "preview", "Preview", tooltip="Show or hide the document", show=False),
        Binding("f6", "answer", "Answer", tooltip="Go to where the answer stands", show=False),
        Binding("f7", "correct", "Did you mean", tooltip="Take the words that are suggested", show=False),
        Binding("ctrl+l", "like", "More like it", tooltip="Passages like the page or document of the hit", show=False),
        Binding("ctrl+g", "group", "Group", tooltip="One result for each document, or all passages", show=False),
        Binding("ctrl+o", "open", "Open", tooltip="Open the document in the system's application", show=False),
        Binding("ctrl+y", "copy", "Copy", tooltip="Copy the passage with its citation", show=False),
        Binding("pagedown", "scroll(1)", "Page down in the document", show=False),
        Binding("pageup", "scroll(-1)", "Page up in the document", show=False),
        Binding("shift+down", "scroll_line(1)", "Line down in the document", show=False),
        Binding("shift+up", "scroll_line(-1)", "Line up in the document", show=False),
    ]

    def __init__(self, text: str, mode: Mode) -> None:
        super().__init__()
        self._first_text = text
        self.mode = mode
        self.found: messages.Found | None = None
        self._has_moved = False
        self._problem: Exception | None = None
        self._not_opened = False
        self._asked = FIRST
        self._groups = False
        self.asked_text = ""
        """The query as it stood when it was last asked."""
        self._timer: Timer | None = None
        self._pause: Timer | None = None
        self._rest: Timer | None = None
        self._read_soon: Timer | None = None
        self._answer: Answer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="top"):
            yield Lines(id="prompt")
            yield QueryLine(self._first_text)
            yield ModeBar(self.mode)
        yield Chips()
        yield Lines(id="above")
        with Body(id="body"):
            yield Results(id="results")
            yield Reader()
        yield Lines(id="empty", grows=False)
        yield Lines(id="state")
        yield KeyBar()

    @property
    def ours(self) -> LocalSearchApp:
        return cast("LocalSearchApp", self.app)

    @property
    def text(self) -> str:
        """The query as it stands."""
        return self.query_one(QueryLine).value

    @property
    def has_no_index(self) -> bool:
        """There is none. False while that is not known yet, and when there is one that cannot be used."""
        return self._not_opened and self._problem is None

    @property
    def hit(self) -> Hit | None:
        return self.query_one(Results).hit

    def on_mount(self) -> None:
        self.query_one("#prompt", Lines).show([((" ❯ ", Mark.ACCENT),)])
        self.query_one(QueryLine).focus()
        self._show_emptiness()
        self.show_state()

    # Asking

    @on(Input.Changed, "#query")
    def _typed(self) -> None:
        self._has_moved = False
        self._show_chips()
        self._search_soon()

    def _search_soon(self) -> None:
        for waiting in (self._read_soon, self._rest, self._pause):
            if waiting is not None:
                waiting.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE, self.search_again)

    def search_again(self, k: int = 0) -> None:
        """Ask the question that stands there, for `k` hits; 0 means as many as usual."""
        session = self.ours.session
        text = filters.settled(self.text, {kind for kind, _ in self.ours.status.types} if self.ours.status else ())
        words = filters.words(text)
        if not session.is_open:
            return
        if not words or (len(words) < 2 and words.isascii()):
            session.stop()
            self._problem = None
            self._show_hits(None)
            return
        self._asked, self.asked_text = k or FIRST, self.text
        session.search(text, self.mode, self._asked, group=self._groups)

    @on(Results.Wanted)
    def _more(self) -> None:
        found = self.found
        if found is not None and not found.like and len(found.hits) == self._asked < MOST:
            self._has_moved = True
            self.search_again(min(MOST, self._asked + MORE))

    # What comes back

    def opened(self) -> None:
        self._not_opened = False
        self.search_again()
        self._show_emptiness()

    def not_opened(self, error: LocalSearchError | None) -> None:
        self._not_opened, self._problem = True, error
        self._show_emptiness()

    def on_found(self, message: messages.Found) -> None:
        if not self.ours.session.is_current(message.number):
            return
        shown = self.found
        if message.is_draft and shown is not None and shown.number == message.number:
            return  # the better answer is already here
        self._problem = None
        self._show_hits(message)

    def on_search_failed(self, message: messages.SearchFailed) -> None:
        if self.ours.session.is_current(message.number):
            self._problem = message.error
            self._show_hits(None)

    def _show_hits(self, found: messages.Found | None) -> None:
        with self.app.batch_update():  # painted once, not once for each part
            self._put_hits(found)

    def _put_hits(self, found: messages.Found | None) -> None:
        self.found, self._answer = found, None
        if self._pause is not None:
            self._pause.stop()
        if found is not None and found.hits and found.text and not found.is_draft:
            self._pause = self.set_timer(PAUSE, partial(self.ours.session.answer, found))
        if found is None:
            self.query_one(Results).show(Hits(()), keep=False)
        else:
            self.query_one(Results).show(found.hits, keep=self._has_moved)
        self._show_emptiness()
        self._show_above()
        self.show_state()
        self._show_chosen()

    def on_answered(self, message: messages.Answered) -> None:
        if self.ours.session.is_current(message.number):
            self._answer = message.answer
            self._show_above()

    def _show_above(self) -> None:
        """The answer, and what was perhaps meant."""
        width = max(20, self.size.width - 2)
        lines: list[Line] = []
        if self.found is not None:
            lines += suggestion_lines(self.found.hits.suggestions, width)
        if self._answer is not None:
            lines += answer_lines(self._answer, width)
        self.query_one("#above", Lines).show(lines)

    def _show_chosen(self) -> None:
        found = self.found
        self.query_one(Reader).show(self.hit, found.hits if found else None, found.text if found else "")

    def _show_emptiness(self) -> None:
        """Either hits and a document, or lines that say what to do."""
        width = max(10, self.size.width - 8)
        lines = [part for line in self._lines_when_empty() for part in wrap(line, width)]
        self.set_class(bool(lines), "-empty")
        self.query_one("#empty", Lines).show(lines)

    def _lines_when_empty(self) -> Iterator[Line]:
        if self.hit is not None:
            return
        if self._problem is not None:
            yield from problem(self._problem)
        elif self._not_opened:
            yield from no_index(self.ours.session.folder)
        elif self.found is not None:
            yield from nothing_found(self.found, filters.chips(self.text))
        else:
            yield from welcome(self.ours.status, self.ours.memory.now)

    # The document

    def on_reader_needs(self, message: Reader.Needs) -> None:
        """Fetch the document, unless another key comes first: reading would slow down its search."""
        self._read_soon = self.set_timer(BREATH, partial(self._read, message.number, message.hit))

    def _read(self, number: int, hit: Hit) -> None:
        if self.found is not None:
            self.ours.session.read(number, hit, self.found.hits, self.found.text, whole=False)

    def on_reader_needs_layout(self, message: Reader.NeedsLayout) -> None:
        self.ours.session.lay_out(message.read, message.around, message.width, message.file)

    def on_document_read(self, message: messages.DocumentRead) -> None:
        self.query_one(Reader).read(message)

    def on_laid_out(self, message: messages.LaidOut) -> None:
        self.query_one(Reader).laid_out(message)
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST, self._look_closer)

    def _look_closer(self) -> None:
        """What can wait until the eye has settled: the best sentence, and matches in the rest of the document."""
        hit, found, reader = self.hit, self.found, self.query_one(Reader)
        if hit is None or found is None or found.is_draft:
            return
        session = self.ours.session
        if found.text and hit.why.explanation is None:
            session.explain(found.text, hit)
        if reader.lacks_matches:
            session.read(reader.number, hit, found.hits, found.text, whole=True)

    def on_read_failed(self, message: messages.ReadFailed) -> None:
        self.ours.say(str(message.error), is_problem=True)

    def on_explained(self, message: messages.Explained) -> None:
        hit, found = self.hit, self.found
        if hit is not None and found is not None and (hit.passage, found.text) == (message.passage, message.text):
            explained = hit.explained(message.explanation)
            self.query_one(Results).explained(explained)
            self.query_one(Reader).explained(explained)

    # Lines around

    def show_state(self) -> None:
        """The line above the keys: what was found, what is going on."""
        if self.is_mounted:
            app = self.ours
            line = state_line(app.session, app.status, app.progress, self.found, self.size.width - 2)
            self.query_one("#state", Lines).show([line])
            self._show_chips()
            if self.found is None:
                self._show_emptiness()

    def _show_chips(self) -> None:
        status = self.ours.status
        self.query_one(Chips).show(filters.chips(self.text), status.types if status else ())

    def on_resize(self) -> None:
        self.show_state()
        self._show_emptiness()
        self._show_above()

    # Keys and clicks

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        is_typing = self.focused is None or self.focused is self.query_one(QueryLine)
        return {"to_results": is_typing, "choose": not is_typing}.get(action, True)

    def action_to_results(self) -> None:
        if self._not_opened:
            self.action_index()
        elif self.hit is not None:
            self.ours.memory.used(self.text)
            self.set_focus(self.query_one(Results))

    def action_choose(self) -> None:
        self.action_open()

    @on(Results.Moved)
    def _moved(self) -> None:
        self._has_moved = True
        self._show_chosen()

    @on(Results.Chosen)
    def _chosen(self) -> None:
        self.action_open()

    @on(ModeBar.Changed)
    def _mode_changed(self, message: ModeBar.Changed) -> None:
        self.mode = message.mode
        self.search_again()

    @on(Chips.Toggled)
    def _chip_toggled(self, message: Chips.Toggled) -> None:
        self.toggle_filter(message.name, message.value)

    @on(Chips.Opened)
    def _chips_opened(self) -> None:
        self.action_filter()

    def toggle_filter(self, name: str, value: str) -> None:
        line = self.query_one(QueryLine)
        line.put(filters.toggled(line.value, name, value))

    def action_result(self, step: int) -> None:
        self.query_one(Results).action_move(step)

    def action_jump(self, step: int) -> None:
        self.query_one(Reader).jump(step)

    def action_scroll(self, step: int) -> None:
        preview = self.query_one(Reader).preview
        preview.scroll_relative(y=step * max(1, preview.size.height - 2), animate=False)

    def action_scroll_line(self, step: int) -> None:
        self.query_one(Reader).preview.scroll_relative(y=step, animate=False)

    def action_mode(self) -> None:
        self.query_one(ModeBar).next()

    def action_answer(self) -> None:
        """Choose the hit that the answer stands in."""
        wanted = self._answer.hit if self._answer else None
        results = self.query_one(Results)
        at = next((at for at, hit in enumerate(results.hits) if wanted and hit.passage == wanted.passage), None)
        if at is not None:
            results.put(at)

    def action_correct(self) -> None:
        if self.found is not None and self.found.hits.suggestions:
            self.query_one(QueryLine).put(corrected(self.text, self.found.hits.suggestions))

    def action_like(self) -> None:
        if self.hit is not None:
            self._has_moved = False
            self.ours.session.like(self.hit, FIRST)
            self.set_focus(self.query_one(Results))

    def action_group(self) -> None:
        self._groups = not self._groups
        self.ours.say("One result for each document." if self._groups else "All passages.")
        self.search_again()

    def action_why(self) -> None:
        self.query_one(Reader).toggle_why()

    def action_preview(self) -> None:
        self.toggle_class("-no-preview")

    def action_focus_query(self) -> None:
        self.set_focus(self.query_one(QueryLine))
        if self.found is not None and self.found.like:
            self.search_again()

    def action_index(self) -> None:
        from localsearch.tui.screens.index import IndexScreen

        self.app.push_screen(IndexScreen())

    def action_filter(self) -> None:
        from localsearch.tui.choices import filter_question

        def chosen(choice: object) -> None:
            if isinstance(choice, tuple):
                for name, value in choice:
                    self.toggle_filter(name, value)

        self._pick(filter_question(self.ours.status, self.found, self.text), chosen)

    def action_history(self) -> None:
        from localsearch.tui.choices import history_question

        self._pick(history_question(self.ours.memory), self._use_text)

    def action_saved(self) -> None:
        from localsearch.tui.choices import saved_question
        from localsearch.tui.memory import SavedSearch

        def chosen(choice: object) -> None:
            if isinstance(choice, SavedSearch):
                self.query_one(ModeBar).choose(Mode(choice.mode))
                self._use_text(choice.text)
            elif isinstance(choice, str):
                self.ours.memory.save(SavedSearch(choice, self.text, self.mode))
                self.ours.say(f"Saved as “{choice}”. Ctrl+S brings it back.")

        self._pick(saved_question(self.ours.memory, self.text), chosen)

    def _use_text(self, choice: object) -> None:
        if isinstance(choice, str):
            line = self.query_one(QueryLine)
            line.put(choice)
            line.focus()

    def _pick(self, question: Question, chosen: Callable[[object], None]) -> None:
        from localsearch.tui.screens.picker import Picker

        self.app.push_screen(Picker(question), chosen)
