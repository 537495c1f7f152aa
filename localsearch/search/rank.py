"""From a query to candidates in their final order: both legs at once, filters first, then every exact score.

The keyword leg runs on a thread and a connection of its own beside encoder and FAISS. Two connections could see two
states of the index; each says which generation it saw, and what saw another one is asked again here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from localsearch.records import Filters, Mode, Why
from localsearch.search.dense import dense_leg
from localsearch.search.filters import Clause, allowed, allowed_ids
from localsearch.search.fuse import fuse
from localsearch.search.keyword import bm25_of, keyword_candidates, keyword_leg

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix, Float32Vector, Int64Vector
    from localsearch.search.query import Query
    from localsearch.store.snapshot import Candidates, Reader
    from localsearch.store.sqlite import Connection

T = TypeVar("T")

THREADS = 4
"""Searches of other threads that the keyword leg may run beside."""


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """What the encoder made of a query, and how much of it the encoder knows."""

    vector: Float32Vector
    """(dim,), unit length."""
    known: float
    """0 to 1; see `fuse.known_share`."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be ranked."""

    query: Query
    mode: Mode
    filters: Filters
    encode: Callable[[], EncodedQuery]
    """Called once at most, and not for keywords alone."""
    depth: int
    """Passages that each leg is asked for."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """All n candidates, best first."""

    ids: list[int]
    scores: list[float]
    documents: list[int]
    texts: list[int]
    """Equal numbers, equal texts under equal contexts."""
    vectors: Float32Matrix
    """(n, dim), unit length."""
    why: dict[int, Why]
    """What each leg said, by id."""


class Ranker:
    """Ranks the passages of one index; any number of threads may share it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._threads = ThreadPoolExecutor(THREADS, "rank")

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def rank(self, connection: Connection, request: Request) -> Ranked:
        """The candidates of both legs in their final order."""
        clause = allowed(connection, request.filters, request.query)
        if request.mode is Mode.KEYWORD:
            return self._by_words(connection, request, clause)
        if request.mode is Mode.SEMANTIC:
            return self._by_meaning(connection, request, self._dense(connection, request, clause), None)
        with self._aside(connection, lambda other: self._keyword(other, request, clause)) as keyword:
            dense = self._dense(connection, request, clause)
            found = {*dense, *keyword()}
        return self._by_meaning(connection, request, sorted(found), request.query)

    def _dense(self, connection: Connection, request: Request, clause: Clause | None) -> list[int]:
        ids = allowed_ids(connection, clause) if clause else None
        vectors = self._reader.vectors(connection)
        found: list[int] = dense_leg(vectors, request.encode().vector, request.depth, ids).ids.tolist()
        return found

    def _keyword(self, connection: Connection, request: Request, clause: Clause | None) -> list[int]:
        return keyword_candidates(connection, request.query, request.depth, clause)

    def _by_words(self, connection: Connection, request: Request, clause: Clause | None) -> Ranked:
        """A keyword search does without FAISS and encoder."""
        import numpy as np

        leg = keyword_leg(connection, request.query, request.depth, clause)
        order = np.argsort(leg.ids)
        candidates = self._reader.candidates(connection, leg.ids[order])
        return _ordered(candidates, _Scores(None, None, leg.scores[order]), fuse(None, leg.scores[order], passages=0))

    def _by_meaning(self, connection: Connection, request: Request, found: list[int], words: Query | None) -> Ranked:
        import numpy as np

        with self._aside(connection, lambda other: bm25_of(other, words, found) if words else {}) as bm25:
            candidates = self._reader.candidates(connection, np.array(found, np.int64))
            encoded = request.encode()
            names = self._names(connection, candidates, encoded)
            cosines = candidates.vectors @ encoded.vector
            known = bm25()
        by_words = np.array([known.get(one, 0.0) for one in candidates.ids.tolist()], np.float32) if words else None
        passages = self._reader.vectors(connection).passages
        scores = fuse(cosines, by_words, names=names, passages=passages, known=encoded.known)
        return _ordered(candidates, _Scores(cosines, names, by_words), scores)

    def _names(self, connection: Connection, candidates: Candidates, encoded: EncodedQuery) -> Float32Vector:
        """Cosine between the query and the name of each candidate's file, (n,); 0 where the name says nothing."""
        import numpy as np

        names = self._reader.names(connection, dict.fromkeys(candidates.documents))
        cosines = {document: 0.0 if name is None else float(name @ encoded.vector) for document, name in names.items()}
        return np.array([cosines[document] for document in candidates.documents], np.float32)

    @contextmanager
    def _aside(self, connection: Connection, work: Callable[[Connection], T]) -> Iterator[Callable[[], T]]:
        """Run `work` on another thread and connection; what is yielded waits for its result."""
        generation = self._reader.setting(connection, "generation")

        def on_its_own() -> tuple[T] | None:
            with self._reader.snapshot() as other:
                return (work(other),) if self._reader.setting(other, "generation") == generation else None

        def result() -> T:
            done = future.result()
            return done[0] if done else work(connection)

        future: Future[tuple[T] | None] = self._threads.submit(on_its_own)
        try:
            yield result
        finally:
            if not future.cancel():
                future.exception()  # wait: nothing of a search runs on after it


@dataclass(frozen=True, slots=True)
class _Scores:
    """What each leg says of n candidates; None where it was not asked."""

    cosines: Float32Vector | None
    names: Float32Vector | None
    bm25: Float32Vector | None

    def why(self, place: int, dense_ranks: list[int], keyword_ranks: list[int]) -> Why:
        matched = self.bm25 is not None and self.bm25[place] > 0
        return Why(
            dense_rank=dense_ranks[place] if self.cosines is not None else None,
            cosine=float(self.cosines[place]) if self.cosines is not None else None,
            name=float(self.names[place]) if self.names is not None and self.names[place] else None,
            keyword_rank=keyword_ranks[place] if matched else None,
            bm25=float(self.bm25[place]) if self.bm25 is not None and matched else None,
        )


def _ordered(candidates: Candidates, legs: _Scores, scores: Float32Vector) -> Ranked:
    """The candidates by their final score."""
    import numpy as np

    order: Int64Vector = np.lexsort((candidates.ids, -scores))
    places = order.tolist()
    dense_ranks, keyword_ranks = _ranks(legs.cosines), _ranks(legs.bm25)
    ids = candidates.ids[order].tolist()
    return Ranked(
        ids=ids,
        scores=scores[order].tolist(),
        documents=[candidates.documents[place] for place in places],
        texts=[candidates.texts[place] for place in places],
        vectors=candidates.vectors[order],
        why={one: legs.why(place, dense_ranks, keyword_ranks) for one, place in zip(ids, places, strict=True)},
    )


def _ranks(scores: Float32Vector | None) -> list[int]:
    """1-based rank of each candidate within a leg."""
    import numpy as np

    if scores is None:
        return []
    ranks = np.empty(len(scores), np.int64)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    found: list[int] = ranks.tolist()
    return found
