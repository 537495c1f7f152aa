"""What the threads tell the screens. Only the handlers of these messages touch widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from localsearch.errors import LocalSearchError
    from localsearch.meter import Meter
    from localsearch.records import Answer, Explanation, Hits, IndexedPassage, Mode, Progress, Report, Status
    from localsearch.tui.document import Finding, Sheet


@dataclass
class Opened(Message):
    """The index is open and can be searched by words."""


@dataclass
class NotOpened(Message):
    """There is no index (`error` is None), or it cannot be used."""

    error: LocalSearchError | None


@dataclass
class EncoderReady(Message):
    """From now on a search by meaning takes no longer than any other."""


@dataclass
class EncoderFailed(Message):
    error: Exception


@dataclass
class StatusRead(Message):
    status: Status


@dataclass
class Found(Message):
    """The answer to one search."""

    number: int
    """That `Session.search` gave the search; a greater one is newer."""
    is_draft: bool
    """True when it was searched by words only because meaning takes longer: the real answer follows."""
    text: str
    mode: Mode
    k: int
    hits: Hits
    changed: int
    """Files among the hits that changed since they were indexed."""
    complete: bool
    """False while the index is being brought up to date, or after that was interrupted."""
    seconds: float
    like: str = ""
    """What the hits are like, when they were not found by a query: `lease.pdf, p. 3`."""


@dataclass
class Answered(Message):
    """The sentence that answers what was asked."""

    number: int
    answer: Answer


@dataclass
class SearchFailed(Message):
    number: int
    error: Exception


@dataclass
class DocumentRead(Message):
    """The passages of the document that a hit is in."""

    number: int
    passages: tuple[IndexedPassage, ...]
    findings: Mapping[int, Finding]
    stops: tuple[int, ...] | None
    """Passages worth jumping to, in order; None when only the passages around the hit were searched for words."""


@dataclass
class LaidOut(Message):
    """The document fitted to the preview's width."""

    number: int
    around: int
    """The passage that it was laid out around."""
    sheet: Sheet


@dataclass
class ReadFailed(Message):
    number: int
    error: Exception


@dataclass
class Explained(Message):
    text: str
    passage: int
    explanation: Explanation


@dataclass
class RunProgress(Message):
    progress: Progress
    meter: Meter

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, RunProgress)


@dataclass
class RunEnded(Message):
    """An indexing run, or forgetting, is over: with a report, with a failure, or cancelled (neither)."""

    what: str
    report: Report | None = None
    error: Exception | None = None


@dataclass
class Told(Message):
    """One line for the user."""

    text: str
    is_problem: bool = False
