"""One search from query to hits: rank, present, look further where too little may be shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from localsearch.errors import QueryError
from localsearch.records import Filters, Hits, Mode
from localsearch.search.checks import Checks
from localsearch.search.filters import count_documents
from localsearch.search.present import present
from localsearch.search.query import Query, parse_query, plain_query
from localsearch.search.rank import EncodedQuery, Ranker, Request
from localsearch.search.suggest import suggestions

if TYPE_CHECKING:
    from localsearch.store.snapshot import Reader

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
        checked_k(k)
        query = parse_query(text, prefix=prefix)
        request = _request(query, mode, filters, max(CANDIDATES, 4 * k), encode)
        with self._reader.snapshot() as connection:
            wanted, checks = k, Checks(self._reader.setting(connection, "fingerprint"))
            while True:
                ranked = self._ranker.rank(connection, request)
                hits = present(self._reader, connection, query, ranked, k, checks=checks, group=group)
                if len(hits) < k and group:
                    wanted = count_documents(connection, request.filters, query, k)
                if len(hits) >= wanted or len(ranked.ids) + ranked.damaged < request.depth:
                    return replace(hits, suggestions=suggestions(connection, query))
                request = _further(request, checks.closed)

    def rank_documents(self, text: str, *, k: int, mode: Mode, encode: EncodeQuery) -> list[tuple[str, float]]:
        """See `Index.rank_documents`."""
        request = _request(plain_query(text), mode, Filters(), 4 * k, encode)
        with self._reader.snapshot() as connection:
            ranked = self._ranker.rank(connection, request)
            best: dict[int, float] = {}
            for document, score in zip(ranked.documents, ranked.scores, strict=True):
                best.setdefault(document, score)
            paths = self._reader.paths(connection, best)
        return [(os.fsdecode(paths[document]), score) for document, score in best.items() if document in paths][:k]


def _further(request: Request, closed: frozenset[bytes]) -> Request:
    """Too many may not be shown: look past the files that are gone, and, when that was done, at more passages."""
    if closed and not request.closed:
        return replace(request, closed=closed)
    return replace(request, closed=closed, depth=4 * request.depth)


def checked_k(k: int) -> int:
    """Raises QueryError when it is out of range."""
    if not 1 <= k <= MOST:
        raise QueryError(f"k is {k}; it must be from 1 to {MOST}.", hint="Ask for fewer results with -k.")
    return k


def _request(query: Query, mode: Mode, filters: Filters, depth: int, encode: EncodeQuery) -> Request:
    return Request(query, mode, filters, cache(lambda: encode(query.semantic)), depth)
