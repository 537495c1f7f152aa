"""Everything that the screens ask of the engine. Each kind of question has a thread; answers come as messages.

No widget is known here, and nothing heavy is imported before the first question: the screen is painted first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from localsearch.errors import LocalSearchError
from localsearch.names import place
from localsearch.records import Hit, Hits, Mode
from localsearch.tui import messages
from localsearch.tui.lane import Job, Lane

if TYPE_CHECKING:
    from textual.message import Message

    from localsearch.engine import Index
    from localsearch.records import IndexedPassage
    from localsearch.tui.document import Finding

LANES = {
    "search": ("open", "words", "meaning", "reading", "explain", "answer"),
    "load": ("load", "status"),
    "layout": ("layout",),
    "run": ("run",),
    "aside": ("aside",),
}
"""Threads and the kinds of work that each does, the most urgent first. What follows a search is in its thread: beside
it, it would only slow the next search down, and each thread has a connection with a cache of its own."""
CHUNK = 60
"""Passages in which words are looked for before asking whether somebody waits: 10 ms."""
ANSWER_FROM = 10
"""Hits in which an answer is looked for, as `Index.answer` does."""
SLOW = 0.12
"""Seconds of a search by meaning from which the words' own answer is shown first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One search, as it was asked for."""

    number: int
    text: str
    mode: Mode
    k: int
    group: bool


class Session:
    """One index and the threads that use it."""

    def __init__(self, folder: Path, post: Callable[[Message], object], *, encoder: Path | None = None) -> None:
        self.folder = folder
        self.is_open = False
        self._begun = False
        self._encoder = encoder
        self._post = post
        self._lanes: dict[str, Lane] = {}
        self._lanes_lock = Lock()
        self._index: Index | None = None
        self._wanted: Wanted | None = None
        self._number = 0
        self._meaning_seconds: float | None = None
        """Of the last search by meaning; None while the encoder is not loaded."""
        self.encoder_problem = ""
        """Why there is no search by meaning; empty when there is, or when that is not known yet."""
        self._last_document: tuple[tuple[Path, str], tuple[IndexedPassage, ...], frozenset[int]]
        self._last_document = ((Path(), ""), (), frozenset())
        self._cancel = Event()
        self._looked = Event()
        self._closed = False
        self.running = ""
        """What changes the index at the moment: `Reading documents`; empty when nothing does."""

    # Opening

    def open(self) -> None:
        """Open the index, then load the encoder. Opened or NotOpened tells. A second call changes nothing."""
        if not self._begun:
            self._begun = True
            self._give("open", self._open)

    def _open(self) -> None:
        from localsearch.engine import Index
        from localsearch.paths import is_index

        try:
            if is_index(self.folder):
                self._use(Index.open(self.folder, encoder=self._encoder))
            else:
                self._tell(messages.NotOpened(None))
        except LocalSearchError as error:
            self._tell(messages.NotOpened(error))
        finally:
            self._looked.set()

    def _use(self, index: Index) -> None:
        self._index = index
        self.is_open = True
        self._tell(messages.Opened())
        self._give("load", self._load)
        self._give("status", self._read_status)

    def _load(self) -> None:
        """Search once for nothing in particular: the encoder and the vectors are in memory then."""
        try:
            if self._index is not None:
                self._index.search("first search", k=1, mode=Mode.SEMANTIC)
        except Exception as error:
            self.encoder_problem = _line(error)
            self._tell(messages.EncoderFailed(error))
            return
        self._meaning_seconds = 0.0
        self._tell(messages.EncoderReady())
        wanted = self._wanted
        if wanted is not None and wanted.mode is not Mode.KEYWORD:
            self._give("meaning", lambda: self._search(wanted, wanted.mode, is_draft=False))

    # Searching

    @property
    def by_meaning(self) -> bool:
        """Whether the encoder is loaded."""
        return self._meaning_seconds is not None

    def search(self, text: str, mode: Mode, k: int, *, group: bool = False) -> int:
        """Search; Found or SearchFailed tells, with the number that this gives. What was asked before is dropped."""
        self._number += 1
        wanted = self._wanted = Wanted(self._number, text, mode, k, group)
        if self.encoder_problem and mode is Mode.HYBRID:
            wanted = self._wanted = replace(wanted, mode=Mode.KEYWORD)
        seconds = self._meaning_seconds
        is_final = wanted.mode is Mode.KEYWORD
        if is_final or (wanted.mode is Mode.HYBRID and (seconds is None or seconds > SLOW)):
            self._give("words", lambda: self._search(wanted, Mode.KEYWORD, is_draft=not is_final))
        if not is_final and seconds is not None:
            self._give("meaning", lambda: self._search(wanted, wanted.mode, is_draft=False))
        return self._number

    def stop(self) -> None:
        """Nothing is looked for any more: answers on the way are stale."""
        self._number += 1
        self._wanted = None

    def is_current(self, number: int) -> bool:
        return number == self._number

    def _search(self, wanted: Wanted, mode: Mode, *, is_draft: bool) -> None:
        if self._index is None or not self.is_current(wanted.number):
            return
        begun = time.perf_counter()
        try:
            hits = self._index.search(wanted.text, k=wanted.k, mode=mode, prefix=True, group=wanted.group)
            seconds = time.perf_counter() - begun
            if mode is not Mode.KEYWORD:
                self._meaning_seconds = seconds
            changed, complete = self._index.changed(hits), self._index.complete
        except Exception as error:
            self._tell(messages.SearchFailed(wanted.number, error))
            return
        self._tell(
            messages.Found(wanted.number, is_draft, wanted.text, mode, wanted.k, hits, changed, complete, seconds)
        )

    def like(self, hit: Hit, k: int) -> None:
        """Passages like the page of a hit, or like its document where there are no pages; Found tells."""
        self._number += 1
        self._wanted = None
        number = self._number

        def job() -> None:
            if self._index is None or not self.is_current(number):
                return
            begun = time.perf_counter()
            try:
                hits = self._index.like(hit.path, page=hit.page, member=hit.member, k=k)
                changed, complete = self._index.changed(hits), self._index.complete
            except Exception as error:
                self._tell(messages.SearchFailed(number, error))
                return
            seconds = time.perf_counter() - begun
            self._tell(
                messages.Found(number, False, "", Mode.SEMANTIC, k, hits, changed, complete, seconds, like=place(hit))
            )

        self._give("meaning", job)

    def answer(self, found: messages.Found) -> None:
        """Look for the sentence that answers; Answered tells when there is one."""

        def job() -> None:
            try:
                if self._index is not None and self.is_current(found.number):
                    answer = self._index.answer_from(found.text, found.hits[:ANSWER_FROM])
                    if answer.answered:
                        self._tell(messages.Answered(found.number, answer))
            except Exception:
                return  # indexed anew meanwhile, or no encoder: the hits are there

        if self.by_meaning:
            self._give("answer", job)

    # Reading around a hit

    def read(self, number: int, hit: Hit, hits: Hits, text: str, *, whole: bool) -> None:
        """Fetch the document of a hit and find the query's words in it; DocumentRead or ReadFailed tells.

        `whole`: in all of it, which takes half a second for thousands of passages and stops for a newer search; else
        around the hit alone.
        """
        asked = self._number

        def job() -> None:
            from localsearch.tui.document import stops, window

            try:
                passages = self._document(hit)
                first, last = (0, len(passages)) if whole else window(passages, hit.passage)
                findings: dict[int, Finding] = {}
                for start in range(first, last, CHUNK):
                    if whole and not self.is_current(asked):
                        return
                    findings |= _findings(passages[start : min(start + CHUNK, last)], hit, hits, text)
                found = stops(passages, findings) if whole or last - first == len(passages) else None
                self._tell(messages.DocumentRead(number, passages, findings, found))
            except Exception as error:
                self._tell(messages.ReadFailed(number, error))

        self._give("reading", job)

    def _document(self, hit: Hit) -> tuple[IndexedPassage, ...]:
        """Its passages. The last document is kept: its passages have other numbers once it was indexed again."""
        key = (hit.path, hit.member)
        if self._index is not None and (self._last_document[0] != key or hit.passage not in self._last_document[2]):
            passages = self._index.passages(hit.path, hit.member)
            self._last_document = (key, passages, frozenset(one.id for one in passages))
        return self._last_document[1]

    def lay_out(self, read: messages.DocumentRead, around: int, width: int, file: str) -> None:
        """Fit a document to a width; LaidOut tells."""

        def job() -> None:
            from localsearch.tui.document import lay_out

            try:
                sheet = lay_out(read.passages, read.findings, around=around, width=width, file=file)
                self._tell(messages.LaidOut(read.number, around, sheet))
            except Exception as error:
                self._tell(messages.ReadFailed(read.number, error))

        self._give("layout", job)

    def explain(self, text: str, hit: Hit) -> None:
        """Take the similarity of one hit apart; Explained tells. Nothing is told when that is not possible."""

        def job() -> None:
            try:
                if self._index is not None:
                    (explanation,) = self._index.explain(text, [hit])
                    self._tell(messages.Explained(text, hit.passage, explanation))
            except Exception:
                return  # indexed anew meanwhile: the next search finds the new passage

        if self.by_meaning:
            self._give("explain", job)

    # The index itself

    def read_status(self) -> None:
        """StatusRead tells."""
        self._give("status", self._read_status)

    def _read_status(self) -> None:
        try:
            if self._index is not None:
                self._tell(messages.StatusRead(self._index.status()))
        except Exception as error:
            self._tell(messages.Told(_line(error), is_problem=True))

    def add(self, path: Path) -> None:
        """Index a folder and remember it; make the index when there is none. RunProgress and RunEnded tell."""
        from localsearch.tui.run import add

        self._run("Reading documents", lambda: add(self, path))

    def update(self) -> None:
        """Bring every folder up to date. RunProgress and RunEnded tell."""
        from localsearch.tui.run import update

        self._run("Bringing up to date", lambda: update(self))

    def forget(self, path: str) -> None:
        """Forget a folder. RunEnded tells."""
        from localsearch.tui.run import forget

        self._run("Forgetting", lambda: forget(self, path))

    def cancel(self) -> None:
        """Have the run that is under way stop at its next step; what it committed stays."""
        self._cancel.set()

    def _run(self, what: str, job: Job) -> None:
        if self.running:
            self._tell(messages.Told(f"{self.running}: wait until that is done, or cancel it.", is_problem=True))
            return
        self.running = what
        self._cancel.clear()
        self._give("run", job)

    # For the threads

    @property
    def index(self) -> Index | None:
        """None when there is none. Waits while it is being opened: not for the user interface's thread."""
        self.open()
        self._looked.wait()
        return self._index

    @property
    def is_cancelled(self) -> bool:
        return self._cancel.is_set()

    def created(self, index: Index) -> None:
        """A run has made the index."""
        self._use(index)

    def ended(self, message: messages.RunEnded) -> None:
        self.running = ""
        self._tell(message)
        self._give("status", self._read_status)

    def tell(self, message: Message) -> None:
        self._tell(message)

    def say(self, text: str, *, is_problem: bool = False) -> None:
        self._tell(messages.Told(text, is_problem))

    def aside(self, job: Job) -> None:
        """Run something that may take a moment and has nothing to do with the index."""
        self._give("aside", job)

    def _tell(self, message: Message) -> None:
        if not self._closed:
            self._post(message)

    def _give(self, kind: str, job: Job) -> None:
        name = next(name for name, kinds in LANES.items() if kind in kinds)
        with self._lanes_lock:
            if self._closed:
                return
            if name not in self._lanes:
                self._lanes[name] = Lane(name, LANES[name])
            self._lanes[name].give(kind, job)

    def close(self) -> None:
        """Stop a run that is under way and wait until its processes are gone; then close the index."""
        self.cancel()
        with self._lanes_lock:
            self._closed = True
        ended = [lane.close(timeout=60.0 if name == "run" else 2.0) for name, lane in self._lanes.items()]
        if self._index is not None and all(ended):
            self._index.close()


def _findings(passages: Sequence[IndexedPassage], hit: Hit, hits: Hits, text: str) -> dict[int, Finding]:
    """Where the query's words stand in passages of a document, and which of them are results."""
    from localsearch.search.highlight import matched_spans
    from localsearch.search.query import parse_query
    from localsearch.tui.document import Finding

    texts = [one.text for one in passages]
    spans = matched_spans(texts, parse_query(text, prefix=True)) if text else [()] * len(texts)
    results = {one.passage for one in hits if (one.path, one.member) == (hit.path, hit.member)}
    return {
        one.id: Finding(words=found, is_hit=one.id in results)
        for one, found in zip(passages, spans, strict=True)
        if found or one.id in results
    }


def _line(error: Exception) -> str:
    if isinstance(error, LocalSearchError):
        return f"{error.message} {error.hint}".strip()
    return f"{type(error).__name__}: {error}"
