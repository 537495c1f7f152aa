"""One search from query to hits: both legs in one snapshot, filters first, fuse, spread, check, present."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.errors import QueryError
from localsearch.records import Filters, Hit, Hits, Mode, Why
from localsearch.search.checks import Checks
from localsearch.search.diversify import diversified, grouped
from localsearch.search.filters import count_documents
from localsearch.search.highlight import matched_spans
from localsearch.search.query import Query, parse_query, plain_query
from localsearch.search.rank import EncodedQuery, Ranked, Ranker, Request
from localsearch.search.suggest import suggestions

if TYPE_CHECKING:
    from localsearch.store.snapshot import Reader, StoredPassage
    from localsearch.store.sqlite import Connection

MOST = 1_000
"""Largest k."""
CANDIDATES = 100
"""Passages that each leg hands to the fusion, at least."""

EncodeQuery = Callable[[str], EncodedQuery]


class Searcher:
    """Searches one index; any number of threads may share it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._ranker = Ranker(reader)

    def close(self) -> None:
        self._ranker.close()

    def search(
        self, text: str, *, k: int, mode: Mode, filters: Filters, encode: EncodeQuery, prefix: bool, group: bool
    ) -> Hits:
        """See `Index.search`."""
        if not 1 <= k <= MOST:
            raise QueryError(f"k is {k}; it must be from 1 to {MOST}.", hint="Ask for fewer results with -k.")
        query = parse_query(text, prefix=prefix)
        request = _request(query, mode, filters, max(CANDIDATES, 4 * k), encode)
        with self._reader.snapshot() as connection:
            wanted = k
            while True:
                ranked = self._ranker.rank(connection, request)
                hits = self._present(connection, request.query, ranked, k, group=group)
                if len(hits) < k and group:
                    wanted = count_documents(connection, request.filters, query, k)
                if len(hits) >= wanted or len(ranked.ids) < request.depth:
                    return replace(hits, suggestions=suggestions(connection, query))
                request = replace(request, depth=4 * request.depth)  # too many may not be shown: look further

    def rank_documents(self, text: str, *, k: int, mode: Mode, encode: EncodeQuery) -> list[tuple[str, float]]:
        """See `Index.rank_documents`."""
        request = _request(plain_query(text), mode, Filters(), 4 * k, encode)
        with self._reader.snapshot() as connection:
            ranked = self._ranker.rank(connection, request)
            best: dict[int, float] = {}
            for document, score in zip(ranked.documents, ranked.scores, strict=True):
                best.setdefault(document, score)
            paths = self._reader.paths(connection, best)
        return [(os.fsdecode(paths[document]), score) for document, score in best.items()][:k]

    def _present(self, connection: Connection, query: Query, ranked: Ranked, k: int, *, group: bool) -> Hits:
        """The first k candidates that may be shown, spread over documents or one of each."""
        paths = self._reader.paths(connection, dict.fromkeys(ranked.documents))
        checks = Checks(self._reader.setting(connection, "fingerprint"))
        there = [place for place, document in enumerate(ranked.documents) if checks.is_there(paths.get(document))]
        documents = [ranked.documents[place] for place in there]
        choose = grouped if group else diversified
        order = choose(documents, [ranked.texts[place] for place in there], len(there))
        shown = self._intact(connection, [ranked.ids[there[one]] for one in order], k, checks)
        spans = matched_spans([one.text for one in shown], query)
        place_of = {passage: place for place, passage in enumerate(ranked.ids)}
        passages_of = Counter(documents)
        hits = (
            _hit(
                rank,
                passage,
                ranked.scores[place_of[passage.id]],
                marked,
                ranked.why(place_of[passage.id]),
                others=passages_of[passage.document_id] - 1 if group else 0,
            )
            for rank, (passage, marked) in enumerate(zip(shown, spans, strict=True), start=1)
        )
        return Hits(tuple(hits), checks.missing, checks.unreadable, checks.damaged, query.filters)

    def _intact(self, connection: Connection, ids: list[int], k: int, checks: Checks) -> list[StoredPassage]:
        """The first k of these passages whose stored text is what was encoded; read a few at a time."""
        shown: list[StoredPassage] = []
        for start in range(0, len(ids), k + 1):
            passages = self._reader.passages(connection, ids[start : start + k + 1])
            shown += [passage for passage in passages if checks.is_intact(passage)]
            if len(shown) >= k:
                break
        return shown[:k]


def _request(query: Query, mode: Mode, filters: Filters, depth: int, encode: EncodeQuery) -> Request:
    return Request(query, mode, filters, cache(lambda: encode(query.semantic)), depth)


def _hit(
    rank: int, passage: StoredPassage, score: float, spans: tuple[tuple[int, int], ...], why: Why, *, others: int
) -> Hit:
    words = tuple(dict.fromkeys(passage.text[start:end].lower() for start, end in spans))
    return Hit(
        rank=rank,
        path=Path(os.fsdecode(passage.path)),
        member=passage.member,
        title=passage.title,
        page=passage.page,
        heading=passage.heading,
        score=score,
        text=passage.text,
        spans=spans,
        why=replace(why, words=words),
        passage=passage.id,
        others=others,
    )
