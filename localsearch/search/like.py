"""Which passages are most like this document, or this page of it? Those nearest to the mean of its vectors.

No encoder is needed: the vectors are in the index. Compared on two collections (docs/decisions/0007-query-language.md),
the best of its vectors, the mean of the eight best and votes of each do not rank better than the mean.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from localsearch.errors import PathProblem
from localsearch.records import Filters, Hits, IndexedPassage
from localsearch.search.checks import Checks
from localsearch.search.dense import dense_leg
from localsearch.search.filters import allowed, allowed_ids, count_documents
from localsearch.search.present import present
from localsearch.search.query import Query
from localsearch.search.ranked import Legs, Ranked, ordered
from localsearch.store.sqlite import damaged

if TYPE_CHECKING:
    from localsearch.records import Float32Vector
    from localsearch.store.snapshot import Candidates, Reader
    from localsearch.store.sqlite import Connection

CANDIDATES = 100
"""Passages looked at, at least."""


def like(reader: Reader, path: bytes, member: str, page: int | None, *, k: int, filters: Filters, group: bool) -> Hits:
    """See `Index.like`."""
    import numpy as np

    with reader.snapshot() as connection:
        own = reader.passages_of(connection, path, member)
        if not own:
            raise PathProblem(
                f"The index holds no text of {_name(path, member)}.",
                hint="Index it, or name a document that `localsearch query` shows, with its member if it has one.",
            )
        mean = _mean(reader, connection, own if page is None else _on_page(own, page, _name(path, member)))
        depth, wanted, checks = max(CANDIDATES, 4 * k), k, Checks(reader.setting(connection, "fingerprint"))
        closed: frozenset[bytes] = frozenset()
        while True:
            clause = allowed(connection, filters, closed=closed)
            among = allowed_ids(connection, clause) if clause else None
            ids = dense_leg(reader.vectors(connection), mean, depth + len(own), among).ids
            others = np.array(sorted(set(ids.tolist()).difference(passage.id for passage in own)), np.int64)
            ranked = _ranked(mean, reader.candidates(connection, others))
            hits = present(reader, connection, Query("", ()), ranked, k, checks=checks, group=group)
            if len(hits) < k and group:
                wanted = count_documents(connection, filters, None, k, without=own[0].id)
            if len(hits) >= wanted or len(ids) < depth + len(own):
                return hits
            if closed or not checks.closed:
                depth *= 4  # too many may not be shown: look further
            closed = checks.closed


def _name(path: bytes, member: str) -> str:
    return f"{os.fsdecode(path)}{': ' if member else ''}{member}"


def _on_page(passages: Sequence[IndexedPassage], page: int, name: str) -> list[IndexedPassage]:
    """The passages that begin on a page, else the one that reaches it from an earlier page."""
    pages = [passage.page for passage in passages if passage.page is not None]
    if not pages:
        raise PathProblem(f"{name} has no pages.", hint="Leave the page out.")
    found = [passage for passage in passages if passage.page == page]
    earlier = [passage for passage in passages if passage.page is not None and passage.page < page]
    if not found and (not earlier or page > max(pages)):
        raise PathProblem(
            f"The index holds no text of page {page} of {name}.", hint=f"It has pages {min(pages)} to {max(pages)}."
        )
    return found or earlier[-1:]


def _mean(reader: Reader, connection: Connection, passages: Sequence[IndexedPassage]) -> Float32Vector:
    """(dim,), unit length: the middle of the passages' vectors."""
    import numpy as np

    own = reader.candidates(connection, np.array([passage.id for passage in passages], np.int64))
    if own.damaged or not len(own.ids):
        raise damaged(reader.folder, "a vector is not as it was written")
    mean: Float32Vector = own.vectors.mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-9)


def _ranked(mean: Float32Vector, candidates: Candidates) -> Ranked:
    """The passages by their cosine with `mean`, best first."""
    cosines = candidates.vectors @ mean
    return ordered(candidates, Legs(cosines, None, None), (1.0 + cosines) / 2.0)
