"""From a query to candidates in their final order: both legs at once, filters first, then every exact score.

A candidate that one leg missed gets its score there as well: it is not punished. The keyword leg runs on a thread and a
connection of its own beside encoder and FAISS. Two connections could see two states of the index; each says which
generation it saw, and what saw another one is asked again here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from localsearch.records import Filters, Mode
from localsearch.search.dense import dense_leg
from localsearch.search.filters import Clause, allowed, allowed_ids
from localsearch.search.fuse import fuse
from localsearch.search.keyword import Words, beside_meaning, bm25_of, count_words, keyword_leg
from localsearch.search.ranked import Legs, Ranked, ordered
from localsearch.store.forking import tell_of_forks

if TYPE_CHECKING:
    from localsearch.records import Float32Vector, Int64Vector, Ranking
    from localsearch.search.query import Query
    from localsearch.store.snapshot import Candidates, Reader
    from localsearch.store.sqlite import Connection

T = TypeVar("T")

THREADS = 4
"""Searches of other threads that the keyword leg may run beside."""


MOST_COUNTS = 10_000
"""Words whose number of passages is remembered."""


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
    closed: frozenset[bytes] = frozenset()
    """Files and folders that are known to be gone: nothing below them is ranked."""


class Ranker:
    """Ranks the passages of one index; any number of threads may share it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._threads = ThreadPoolExecutor(THREADS, "rank")
        self._counts: tuple[str, dict[str, int]] = ("", {})
        tell_of_forks(self)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def before_fork(self) -> None:
        """No search is under way, so the threads have nothing to do."""

    def after_fork_in_child(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "rank")  # the old ones have stayed with the parent

    def rank(self, connection: Connection, request: Request) -> Ranked:
        """The candidates of both legs in their final order."""
        clause = allowed(connection, request.filters, request.query, request.closed)
        if request.mode is Mode.KEYWORD:
            return self._by_words(connection, request, clause)
        if request.mode is Mode.SEMANTIC:
            return self._by_meaning(connection, request, clause)
        return self._by_both(connection, request, clause)

    def _by_words(self, connection: Connection, request: Request, clause: Clause | None) -> Ranked:
        """A keyword search does without FAISS and encoder."""
        leg = keyword_leg(connection, self._count(connection, request.query), request.depth, clause)
        candidates = self._reader.candidates(connection, leg.ids)
        bm25 = _in_order(candidates, _scores(leg))
        return ordered(candidates, Legs(None, None, bm25), fuse(None, bm25, passages=0))

    def _by_meaning(self, connection: Connection, request: Request, clause: Clause | None) -> Ranked:
        found = self._dense(connection, request, clause)
        return self._fused(connection, request, self._reader.candidates(connection, found), None)

    def _by_both(self, connection: Connection, request: Request, clause: Clause | None) -> Ranked:
        """Each leg on a thread; then vectors on one and missing BM25 on the other."""
        import numpy as np

        def by_words(other: Connection) -> tuple[Words, Ranking]:
            words = beside_meaning(self._count(other, request.query))
            return words, keyword_leg(other, words, request.depth, clause, beside=True)

        with self._aside(connection, by_words) as keyword:
            dense = self._dense(connection, request, clause)
            words, leg = keyword()
        bm25 = _scores(leg)
        missing = [one for one in dense.tolist() if one not in bm25]
        with self._aside(connection, lambda other: bm25_of(other, words, missing)) as more:
            candidates = self._reader.candidates(connection, np.array([*bm25, *missing], np.int64))
            return self._fused(connection, request, candidates, lambda: bm25 | more())

    def _dense(self, connection: Connection, request: Request, clause: Clause | None) -> Int64Vector:
        ids = allowed_ids(connection, clause) if clause else None
        return dense_leg(self._reader.vectors(connection), request.encode().vector, request.depth, ids).ids

    def _count(self, connection: Connection, query: Query) -> Words:
        """The query's words; how many passages have each is remembered as long as the index stays the same."""
        generation = self._reader.setting(connection, "generation")
        counted, counts = self._counts
        if counted != generation or len(counts) > MOST_COUNTS:
            counts = {}
            self._counts = (generation, counts)
        return count_words(connection, query, counts)

    def _fused(
        self,
        connection: Connection,
        request: Request,
        candidates: Candidates,
        bm25: Callable[[], dict[int, float]] | None,
    ) -> Ranked:
        """`bm25` waits for the score of each candidate that has any of the words; None: words do not count."""
        encoded = request.encode()
        cosines = candidates.vectors @ encoded.vector
        names = self._names(connection, candidates, encoded)
        legs = Legs(cosines, names, None if bm25 is None else _in_order(candidates, bm25()))
        passages = self._reader.vectors(connection).passages
        scores = fuse(legs.cosines, legs.bm25, names=names, passages=passages, known=encoded.known)
        return ordered(candidates, legs, scores)

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
            with self._reader.snapshot(beside=True) as other:
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


def _scores(leg: Ranking) -> dict[int, float]:
    """Score by id."""
    return dict(zip(leg.ids.tolist(), leg.scores.tolist(), strict=True))


def _in_order(candidates: Candidates, bm25: dict[int, float]) -> Float32Vector:
    """BM25 of each candidate, (n,); 0 without any of the words."""
    import numpy as np

    return np.array([bm25.get(one, 0.0) for one in candidates.ids.tolist()], np.float32)
