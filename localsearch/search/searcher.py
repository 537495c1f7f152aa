"""One search from query to hits: both legs in one snapshot, filters first, fuse, present."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localsearch.errors import QueryError
from localsearch.records import Filters, Hits, Mode, Why
from localsearch.search.dense import dense_leg
from localsearch.search.filters import allowed, allowed_ids, count_documents
from localsearch.search.fuse import fuse
from localsearch.search.keyword import bm25_of, keyword_leg
from localsearch.search.present import Ranked, present
from localsearch.search.query import Query, parse_query, plain_query
from localsearch.search.suggest import suggestions

if TYPE_CHECKING:
    from localsearch.records import Float32Vector, Int64Vector
    from localsearch.store.snapshot import Reader
    from localsearch.store.sqlite import Connection

MOST = 1_000
"""Largest k."""
CANDIDATES = 100
"""Passages that each leg hands to the fusion, at least."""

EncodeQuery = Callable[[str], "EncodedQuery"]


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """What the encoder made of a query, and how much of it the encoder knows."""

    vector: Float32Vector
    """(dim,), unit length."""
    known: float
    """0 to 1; see `fuse.known_share`."""


@dataclass(frozen=True, slots=True)
class _Request:
    """A query ready for both legs."""

    query: Query
    encoded: EncodedQuery | None
    """None when only words count."""
    by_words: bool
    filters: Filters
    depth: int
    """Passages that each leg is asked for."""
    group: bool = False
    """One hit for each document."""


class Searcher:
    """Searches one index; any number of threads may share it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def search(
        self, text: str, *, k: int, mode: Mode, filters: Filters, encode: EncodeQuery, prefix: bool, group: bool
    ) -> Hits:
        """See `Index.search`."""
        checked_k(k)
        query = parse_query(text, prefix=prefix)
        request = replace(_request(query, mode, filters, max(CANDIDATES, 4 * k), encode), group=group)
        with self._reader.snapshot() as connection:
            wanted = k
            while True:
                ranked = self._rank(connection, request)
                hits = present(self._reader, connection, query, ranked, k, group=group)
                if len(hits) < k and group:
                    wanted = count_documents(connection, request.filters, query, k)
                if len(hits) >= wanted or len(ranked.ids) < request.depth:
                    return replace(hits, suggestions=suggestions(connection, query))
                request = replace(request, depth=4 * request.depth)  # too many may not be shown: look further

    def rank_documents(self, text: str, *, k: int, mode: Mode, encode: EncodeQuery) -> list[tuple[str, float]]:
        """See `Index.rank_documents`."""
        request = _request(plain_query(text), mode, Filters(), 4 * k, encode)
        with self._reader.snapshot() as connection:
            ranked = self._rank(connection, request)
            scores = dict(zip(ranked.ids, ranked.scores, strict=True))
            best: dict[str, float] = {}
            for passage in self._reader.passages(connection, ranked.ids):
                best.setdefault(os.fsdecode(passage.path), scores[passage.id])
        return list(best.items())[:k]

    def _rank(self, connection: Connection, request: _Request) -> Ranked:
        """Both legs, each after the filters; then every candidate gets its exact score in each."""
        import numpy as np

        clause = allowed(connection, request.filters, request.query)
        encoded, passages, legs = request.encoded, 0, []
        if encoded is not None:
            vectors = self._reader.vectors(connection)  # a keyword search does without FAISS
            passages = vectors.passages
            ids = allowed_ids(connection, clause) if clause else None
            legs.append(dense_leg(vectors, encoded.vector, request.depth, ids))
        if request.by_words:
            legs.append(keyword_leg(connection, request.query, request.depth, clause))
        # Not np.unique: it would cost every cold query the import of numpy.ma, 38 ms.
        candidates = np.array(sorted({one for leg in legs for one in leg.ids.tolist()}), np.int64)
        cosines, known = None, 1.0
        if encoded is not None:
            candidates, matrix = self._reader.vectors_of(connection, candidates)
            cosines, known = matrix @ encoded.vector, encoded.known
        bm25 = _bm25(connection, request, candidates)
        return _ordered(candidates, cosines, bm25, fuse(cosines, bm25, passages=passages, known=known))


def checked_k(k: int) -> int:
    """Raises QueryError when it is out of range."""
    if not 1 <= k <= MOST:
        raise QueryError(f"k is {k}; it must be from 1 to {MOST}.", hint="Ask for fewer results with -k.")
    return k


def _request(query: Query, mode: Mode, filters: Filters, depth: int, encode: EncodeQuery) -> _Request:
    encoded = None if mode is Mode.KEYWORD else encode(query.semantic)
    return _Request(query, encoded, mode is not Mode.SEMANTIC, filters, depth)


def _bm25(connection: Connection, request: _Request, candidates: Int64Vector) -> Float32Vector | None:
    """BM25 of every candidate; 0 without any of the words."""
    import numpy as np

    if not request.by_words:
        return None
    known = bm25_of(connection, request.query, candidates.tolist())
    return np.array([known.get(one, 0.0) for one in candidates.tolist()], np.float32)


def _ordered(
    candidates: Int64Vector, cosines: Float32Vector | None, bm25: Float32Vector | None, scores: Float32Vector
) -> Ranked:
    """The candidates by their final score; a leg that was not asked has no part in it."""
    import numpy as np

    matched = np.ones(len(candidates), bool) if bm25 is None or cosines is not None else bm25 > 0
    order = [int(place) for place in np.lexsort((candidates, -scores)) if matched[place]]
    dense_ranks, keyword_ranks = _ranks(cosines), _ranks(bm25)
    why = {
        int(candidates[place]): Why(
            dense_rank=None if cosines is None else dense_ranks[place],
            cosine=None if cosines is None else float(cosines[place]),
            keyword_rank=None if bm25 is None or bm25[place] <= 0 else keyword_ranks[place],
            bm25=None if bm25 is None or bm25[place] <= 0 else float(bm25[place]),
        )
        for place in order
    }
    return Ranked([int(candidates[place]) for place in order], [float(scores[place]) for place in order], why)


def _ranks(scores: Float32Vector | None) -> list[int]:
    """1-based rank of each candidate within a leg."""
    import numpy as np

    if scores is None:
        return []
    ranks = np.empty(len(scores), np.int64)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return [int(rank) for rank in ranks]
