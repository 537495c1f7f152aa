"""What searching takes and gives: filters, rankings, hits and why they are hits, answers, summaries.

query -> Ranking per leg -> fuse -> Hit -> any front end
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from localsearch.records.arrays import Float32Vector, Int64Vector


class Mode(StrEnum):
    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one leg found: best first, higher is better."""

    ids: Int64Vector
    """Passage ids, shape (k,)."""
    scores: Float32Vector
    """Shape (k,). Cosine for the dense leg, BM25 (positive) for the keyword leg."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What may be searched. Applied before ranking, so a filter never hides results that exist."""

    paths: tuple[str, ...] = ()
    """Globs on the shown path; a passage passes when any matches. A folder name means all below it, and an archive
    or a mail is a folder: `mails.zip/*.docx`."""
    types: tuple[str, ...] = ()
    """File types without the dot, lower case: `pdf`, `docx`. Inside archives and mails the ending decides."""
    after: int | None = None
    """Seconds since the epoch, UTC, inclusive; compared with the document's date, else the file's."""
    before: int | None = None
    """Seconds since the epoch, UTC, exclusive."""
    authors: tuple[str, ...] = ()
    """Words of the author's name, whatever their case and accents; a document passes when all words of any occur."""
    titles: tuple[str, ...] = ()
    """The same for the document's title."""

    def __bool__(self) -> bool:
        return self != NO_FILTERS


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Share:
    """What a stretch of a passage's text adds to the cosine between query and passage."""

    start: int
    """First character in the passage's text. Code points, 0-based, inclusive."""
    end: int
    """One past the last character."""
    share: float
    """May be negative."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The cosine of a passage, taken apart: `cosine` is the sum of `tokens`, `context` and `frame`.

    That holds where a text's vector is the mean of its tokens' vectors (`is_sum`). What was cut off at the end of the
    encoder's window has no share.
    """

    cosine: float
    """Computed anew in float32: it differs from `Why.cosine`, of the stored float16 vector, by less than 1e-4."""
    tokens: tuple[Share, ...]
    """The word pieces of the passage's text, in order."""
    context: float
    """Share of title, headings and header row, which are encoded with the text."""
    frame: float
    """Share of the tokens that the encoder puts around every text."""
    sentences: tuple[Share, ...]
    """The sentences and table rows that were read, in order; each the sum of its word pieces."""
    best: tuple[int, int]
    """The sentence or row that carries the match: start, end in the text."""
    is_sum: bool = True
    """False with an encoder whose vector is no sum over tokens: then there are no shares, only `best`."""


@dataclass(frozen=True, slots=True)
class Why:
    """How a hit got its place. A rank is 1-based within its leg; None means the leg did not return it."""

    dense_rank: int | None = None
    cosine: float | None = None
    keyword_rank: int | None = None
    bm25: float | None = None
    words: tuple[str, ...] = ()
    """Words of the query found in the passage, as they are spelled there, lower case."""
    explanation: Explanation | None = None
    """Only when it was asked for: it costs another run of the encoder."""
    name: float | None = None
    """Cosine between the query and the name of the file; None when the name says nothing."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One passage found. The command line, the API and every later front end show this record."""

    rank: int
    """1-based."""
    path: Path
    member: str
    """Place inside an archive or a mailbox; empty for an ordinary file."""
    title: str
    page: int | None
    heading: str
    score: float
    """0 to 1, comparable within one query only."""
    text: str
    spans: tuple[tuple[int, int], ...]
    """Matched words in `text`: start inclusive, end exclusive, code points; sorted, not overlapping."""
    why: Why = field(default_factory=Why)
    passage: int = 0
    """Number of the passage in the index: see `Index.passages`. Another one after its file was indexed again."""
    best: tuple[int, int] | None = None
    """The sentence or table row of `text` that carries the match; None unless it was asked for."""
    others: int = 0
    """Only when hits are grouped by document: how many more of its passages were found. Those that were looked at
    count, at least the 100 best of each leg; the document may hold more."""
    duplicates: int = 0
    """Copies of this passage among those looked at that are held back: passages, or documents when hits are grouped."""

    def explained(self, explanation: Explanation, *, best_only: bool = False) -> Hit:
        """The same hit with its explanation, or with nothing of it but the best sentence."""
        why = self.why if best_only else replace(self.why, explanation=explanation)
        return replace(self, best=explanation.best, why=why)


@dataclass(frozen=True, slots=True)
class Answer:
    """The sentence or table row that answers a question, with its place."""

    text: str = ""
    """Equal to `hit.text[start:end]`; the nearest sentence there is when nothing answers."""
    hit: Hit | None = None
    """The hit it stands in: path, member and page are the citation. None when nothing was found at all."""
    start: int = 0
    """First character in `hit.text`. Code points, 0-based, inclusive."""
    end: int = 0
    """One past the last character."""
    confidence: float = 0.0
    """How probable it is that the hit answers the question, 0 to 1."""
    answered: bool = False
    """False when nothing in the index seems to answer."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word of the query that no passage has, and one that is spelled nearly so. Shown, never applied."""

    word: str
    """As it was looked up: lower case."""
    instead: str
    """As a passage spells it."""


@dataclass(frozen=True, slots=True)
class Hits(Sequence[Hit]):
    """What a search found, best first, and what it had to hold back."""

    hits: tuple[Hit, ...]
    missing: int = 0
    """Passages not shown because their file cannot be found now: deleted, or on a drive that is not there."""
    unreadable: int = 0
    """Passages not shown because the file may no longer be read by this user."""
    damaged: int = 0
    """Passages not shown because their stored text does not match its key."""
    filters: tuple[str, ...] = ()
    """Filters that were read from the query's text, as typed: `type:pdf`, `-path:drafts/`."""
    suggestions: tuple[Suggestion, ...] = ()
    """For words of the query that the index does not know."""

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage as the index holds it, at its place in its document."""

    id: int
    """Equal to `Hit.passage` of a hit on it."""
    ordinal: int
    """0-based within the document."""
    text: str
    context: str
    start: int
    """First character in the document's text. Code points, 0-based, inclusive."""
    end: int
    """One past the last character."""
    page: int | None
    """Page, slide or sheet, 1-based."""
    heading: str


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """One sentence (or line) of a summary, and where it stands."""

    text: str
    """As the document says it, on one line: line breaks and runs of blanks are single blanks."""
    path: Path
    member: str
    """Place inside an archive or a mailbox; empty for an ordinary file."""
    title: str
    page: int | None
    """Page, slide or sheet, 1-based."""
    heading: str
    passage: int
    """Number of the passage it stands in: see `Index.passages`."""
    start: int
    """First character in the passage's text. Code points, 0-based, inclusive."""
    end: int
    """One past the last character."""


@dataclass(frozen=True, slots=True)
class Summary(Sequence[SummarySentence]):
    """What a file, a folder or the hits of a query say, in their own words and order."""

    sentences: tuple[SummarySentence, ...]
    documents: int
    """Documents that were summarised."""
    passages: int
    """Passages of these documents (or hits) that the index holds."""
    considered: int
    """Passages that were compared with one another; of very many an even sample."""
    share: float
    """Characters quoted as a share of the characters considered, 0 to 1."""
    prose: bool = True
    """False when there are no sentences in it (tables, code): the summary then holds lines."""
    by_meaning: bool = True
    """False when no encoder had a part in it: then the sentences were chosen by their place."""
    missing: int = 0
    """Passages left out because their file is gone."""
    unreadable: int = 0
    """Passages left out because the file may no longer be read by this user."""
    damaged: int = 0
    """Passages left out because their stored text does not match its key."""

    @overload
    def __getitem__(self, index: int) -> SummarySentence: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[SummarySentence, ...]: ...
    def __getitem__(self, index: int | slice) -> SummarySentence | tuple[SummarySentence, ...]:
        return self.sentences[index]

    def __len__(self) -> int:
        return len(self.sentences)
