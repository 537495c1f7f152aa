"""Which passages mean the same as the query? Cosine over all vectors: those in the FAISS file and the newer ones.

Not for scores to show: an inverted file's are approximate. The engine scores the candidates again from the
stored vectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localsearch.records import Ranking
from localsearch.store.cache import PROBES

if TYPE_CHECKING:
    from localsearch.records import Float32Vector, Int64Vector
    from localsearch.store.snapshot import Vectors

APPROXIMATE_FACTOR = 4
"""An inverted file returns this many times more candidates, for the exact scores to choose from."""
SCAN = 65_536
"""Rows of fresh vectors turned into float32 at once: 100 MB at 384 dimensions."""


def dense_leg(vectors: Vectors, query: Float32Vector, k: int, allowed: Int64Vector | None = None) -> Ranking:
    """The k passages nearest to `query`, float32 (dim,), unit length; fewer only when fewer exist.

    `allowed`: ids that may be returned, sorted; None means all.
    """
    import numpy as np

    parts = [_search_cached(vectors, query, k, allowed), _search_fresh(vectors, query, k, allowed)]
    ids = np.concatenate([part.ids for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    best = np.argsort(-scores, kind="stable")
    return Ranking(ids[best], scores[best])


def _search_cached(vectors: Vectors, query: Float32Vector, k: int, allowed: Int64Vector | None) -> Ranking:
    import faiss
    import numpy as np

    index = vectors.cached
    if index is None or index.ntotal == 0 or (allowed is not None and len(allowed) == 0):
        return Ranking(np.empty(0, np.int64), np.empty(0, np.float32))
    kind: Any = faiss.SearchParameters
    options: dict[str, Any] = {"sel": _selector(vectors, allowed)}
    if isinstance(index, faiss.IndexIVF):
        kind = faiss.SearchParametersIVF
        k *= APPROXIMATE_FACTOR
        # A filter may leave only passages of lists that are far from the query: then every list is searched.
        options["nprobe"] = index.nlist if allowed is not None else PROBES
    faiss.omp_set_num_threads(1)  # for the calling thread: idle helpers would spin and take the keyword leg's core
    scores, ids = index.search(query[None, :], min(k, index.ntotal), params=kind(**options))
    found = ids[0] >= 0
    return Ranking(ids[0][found], scores[0][found])


def _selector(vectors: Vectors, allowed: Int64Vector | None) -> Any | None:
    import faiss

    if allowed is not None:
        return faiss.IDSelectorBatch(allowed)
    if len(vectors.gone):
        return faiss.IDSelectorNot(faiss.IDSelectorBatch(vectors.gone))
    return None


def _search_fresh(vectors: Vectors, query: Float32Vector, k: int, allowed: Int64Vector | None) -> Ranking:
    """Exact scan of the vectors that are not in the FAISS file."""
    import numpy as np

    ids, matrix = vectors.fresh_ids, vectors.fresh
    if allowed is not None:
        chosen = np.isin(ids, allowed)
        ids, matrix = ids[chosen], matrix[chosen]
    scores = np.empty(len(ids), np.float32)
    for start in range(0, len(ids), SCAN):
        scores[start : start + SCAN] = matrix[start : start + SCAN].astype(np.float32) @ query
    best = np.argpartition(-scores, k)[:k] if len(scores) > k else np.arange(len(scores))
    return Ranking(ids[best], scores[best])
