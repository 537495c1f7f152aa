"""A file, a folder or the hits of a query in a few of their own sentences.

First the stored vectors choose the passages that together stand for all of them; only the sentences of these few
are looked at and encoded. So a document of a thousand passages costs little more than reading them.
docs/decisions/0010-summaries.md has the measurements.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.errors import EncoderError, IndexMismatch, QueryError
from localsearch.paths import shown
from localsearch.records import Filters, Hit, Hits, Mode, Summary, SummarySentence
from localsearch.search.query import parse_query
from localsearch.search.summary.centrality import likeness, representatives, without_repeats
from localsearch.search.summary.hits import quotes_of_hits
from localsearch.search.summary.prose import Candidate, candidates, one_line, prose
from localsearch.search.summary.quote import Encode, Quote, best_lines, best_sentences
from localsearch.search.summary.scope import Scope, known_passages, read_scope
from localsearch.store.catalogue import is_below

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix, Float32Vector
    from localsearch.store.snapshot import Reader, StoredPassage

MOST_SENTENCES = 50
_HITS_PER_SENTENCE = 2
_FEWEST_HITS = 10
_STANDS_ALONE = 0.5
"""A passage is quoted only if it has a sentence worth so much, while there are such passages."""
_LATE = 1 / 3
"""What the last passage of a document counts less than the first: appendices come last."""
_OPENING = 0.3
"""What the first passage of a document counts more: it says what the document is about."""
_BRIEF = 50
"""The next passages too, but less and less: after a fiftieth of the document a third of it is left."""
_DOCUMENT = 0.5
"""How much a sentence should be like its document, where to be like its passage is 1."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be summarised; see `Index.summarize`."""

    path: bytes | None
    """Absolute; a file or a folder."""
    member: str
    query: str | None
    sentences: int
    mode: Mode
    filters: Filters


class Summarizer:
    """Makes summaries from one index.

    `search` is `Index.search`; `encode` and `encode_query` give unit vectors, or raise EncoderError, IndexMismatch.
    """

    def __init__(
        self,
        reader: Reader,
        *,
        search: Callable[..., Hits],
        encode: Encode,
        encode_query: Callable[[str], Float32Vector],
    ) -> None:
        self._reader = reader
        self._search = search
        self._encode = encode
        self._encode_query = encode_query

    def summarize(self, wanted: Wanted) -> Summary:
        """See `Index.summarize`."""
        if not 1 <= wanted.sentences <= MOST_SENTENCES:
            raise QueryError(
                f"{wanted.sentences} sentences were asked for; it must be from 1 to {MOST_SENTENCES}.",
                hint="Ask for another number with --sentences.",
            )
        if wanted.query is not None:
            return self._of_hits(wanted, wanted.query)
        if wanted.path is None:
            raise QueryError("Nothing to summarise was named.", hint="Name a file, a folder or a query.")
        with self._reader.snapshot() as connection:
            scope = read_scope(self._reader, connection, wanted.path, wanted.member, wanted.filters)
        return self._of_scope(scope, wanted.sentences)

    def _of_scope(self, scope: Scope, count: int) -> Summary:
        texts = [passage.text for passage in scope.passages]
        chosen, found = _with_sentences(scope, texts, count)
        quotes, by_meaning = self._quotes(scope, texts, chosen, found, count)
        quotes.sort(key=lambda quote: (quote.row, quote.start))
        return Summary(
            sentences=tuple(_sentence(scope.passages[quote.row], quote) for quote in quotes),
            documents=len(scope.documents()),
            passages=scope.total,
            considered=len(texts),
            share=_share(quotes, texts),
            prose=bool(chosen) or not texts,
            by_meaning=by_meaning,
            missing=scope.checks.missing,
            unreadable=scope.checks.unreadable,
            damaged=scope.checks.damaged,
        )

    def _quotes(
        self, scope: Scope, texts: list[str], chosen: list[int], found: dict[int, list[Candidate]], count: int
    ) -> tuple[list[Quote], bool]:
        """What to quote, and whether the encoder had a part in it."""
        if not chosen:
            rows = _representatives(scope, [1.0] * len(texts), count, lambda row: True)
            return best_lines(texts, rows, count), True
        try:
            return best_sentences(texts, chosen, found, count, anchors=_anchors(scope), encode=self._encode), True
        except (EncoderError, IndexMismatch):
            return best_sentences(texts, chosen, found, count), False

    def _of_hits(self, wanted: Wanted, query: str) -> Summary:
        k, filters = max(_FEWEST_HITS, _HITS_PER_SENTENCE * wanted.sentences), wanted.filters
        if wanted.path is not None:
            with self._reader.snapshot() as connection:
                known_passages(connection, wanted.path, wanted.member)
            if filters.paths:
                raise QueryError("A path and filters on paths were given.", hint="Give one of them.")
            filters = replace(filters, paths=(_as_glob(wanted.path, wanted.member),))
        found = self._search(query, k=k, mode=wanted.mode, filters=filters)
        hits = [hit for hit in found if _belongs(hit, wanted)]

        def relevance(sentences: Sequence[str]) -> tuple[Float32Matrix, Float32Vector]:
            vectors = self._encode(sentences)
            return vectors, vectors @ self._encode_query(parse_query(query).semantic)

        by_meaning = wanted.mode is not Mode.KEYWORD
        quotes = quotes_of_hits(hits, wanted.sentences, relevance if by_meaning else None)
        return Summary(
            sentences=tuple(_sentence_of_hit(hits[quote.row], quote) for quote in quotes),
            documents=len({(hit.path, hit.member) for hit in hits}),
            passages=len(hits),
            considered=len(hits),
            share=_share(quotes, [hit.text for hit in hits]),
            prose=not hits or any(candidates(hit.text, hit.heading) for hit in hits),
            by_meaning=by_meaning,
            missing=found.missing,
            unreadable=found.unreadable,
            damaged=found.damaged,
        )


def _with_sentences(scope: Scope, texts: Sequence[str], count: int) -> tuple[list[int], dict[int, list[Candidate]]]:
    """The passages to quote, best first, and the sentences of each; no passages when nothing is a sentence."""
    found: dict[int, list[Candidate]] = {}
    running = [prose(text) for text in texts]
    for least in (_STANDS_ALONE, 0.0):

        def has_one(row: int, least: float = least) -> bool:
            if row not in found:
                found[row] = candidates(texts[row], scope.passages[row].heading)
            return any(one.worth >= least for one in found[row])

        chosen = _representatives(scope, running, count, has_one)
        if chosen:
            return chosen, found
    return [], found


def _representatives(scope: Scope, running: Sequence[float], count: int, fit: Callable[[int], bool]) -> list[int]:
    """Rows of the passages that stand for all. `running`: how much of each is running text, 0 to 1."""
    import numpy as np

    lengths = np.array([len(passage.text) for passage in scope.passages], np.float32)
    share = np.array(running, np.float32)
    # Where in its document each passage stands: 0 the first, towards 1 the last.
    place = np.array(
        [row / (end - start) for start, end in scope.documents() for row in range(end - start)], np.float32
    )
    early = 1 - _LATE * place
    alike = likeness(scope.vectors)
    weights = without_repeats(alike, (share + 0.05) * lengths * early)
    values = (0.5 + 0.5 * share) * (early + _OPENING * np.exp(-_BRIEF * place))
    return representatives(alike, weights, values.astype(np.float32), count, fit)


def _anchors(scope: Scope) -> Float32Matrix:
    """What a sentence of each passage should be like: the passage, and half as much the document it is part of.

    (n, dim), unit length.
    """
    import numpy as np

    anchors = scope.vectors.copy()
    for start, end in scope.documents():
        mean = scope.vectors[start:end].mean(axis=0)
        anchors[start:end] += _DOCUMENT * mean / max(float(np.linalg.norm(mean)), 1e-6)
    norms = np.linalg.norm(anchors, axis=1, keepdims=True)
    unit: Float32Matrix = anchors / np.maximum(norms, 1e-6)
    return unit


def _belongs(hit: Hit, wanted: Wanted) -> bool:
    inside = wanted.path is None or is_below(os.fsencode(hit.path), wanted.path)
    return inside and wanted.member in ("", hit.member)


def _as_glob(path: bytes, member: str) -> str:
    """The place as a filter on paths that matches it and what lies below."""
    place = f"{shown(path)}/{member}" if member else shown(path)
    return "".join(f"[{character}]" if character in "*?[" else character for character in place)


def _share(quotes: Sequence[Quote], texts: Sequence[str]) -> float:
    everything = sum(map(len, texts))
    return sum(quote.end - quote.start for quote in quotes) / everything if everything else 0.0


def _sentence(passage: StoredPassage, quote: Quote) -> SummarySentence:
    return SummarySentence(
        text=one_line(passage.text[quote.start : quote.end]),
        path=Path(os.fsdecode(passage.path)),
        member=passage.member,
        title=passage.title,
        page=passage.page,
        heading=passage.heading,
        passage=passage.id,
        start=quote.start,
        end=quote.end,
    )


def _sentence_of_hit(hit: Hit, quote: Quote) -> SummarySentence:
    return SummarySentence(
        text=one_line(hit.text[quote.start : quote.end]),
        path=hit.path,
        member=hit.member,
        title=hit.title,
        page=hit.page,
        heading=hit.heading,
        passage=hit.passage,
        start=quote.start,
        end=quote.end,
    )
