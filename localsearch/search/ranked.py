"""The candidates of a search in their final order, and what each leg said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localsearch.records import Why

if TYPE_CHECKING:
    from localsearch.records import Float32Vector, Int64Vector
    from localsearch.store.snapshot import Candidates


@dataclass(frozen=True, slots=True)
class Ranked:
    """All n candidates, best first."""

    ids: list[int]
    scores: list[float]
    documents: list[int]
    texts: list[int]
    """Equal numbers, equal texts under equal contexts."""
    pages: list[int | None]
    paths: list[bytes | None]
    """The file of each; None where the index has lost it."""
    legs: Legs
    damaged: int
    """Candidates left out because their vector is damaged."""

    def why(self, place: int) -> Why:
        """What each leg said of the candidate at this place, 0-based."""
        return self.legs.why(place)


@dataclass(frozen=True, slots=True)
class Legs:
    """What each leg says of n candidates, in their final order; None where it was not asked."""

    cosines: Float32Vector | None
    names: Float32Vector | None
    bm25: Float32Vector | None

    def why(self, place: int) -> Why:
        matched = self.bm25 is not None and self.bm25[place] > 0
        return Why(
            dense_rank=_rank_at(self.cosines, place),
            cosine=None if self.cosines is None else float(self.cosines[place]),
            name=float(self.names[place]) if self.names is not None and self.names[place] else None,
            keyword_rank=_rank_at(self.bm25, place) if matched else None,
            bm25=float(self.bm25[place]) if self.bm25 is not None and matched else None,
        )


def _rank_at(scores: Float32Vector | None, place: int) -> int | None:
    """1-based rank within a leg; of equal scores the earlier place is the better."""
    if scores is None:
        return None
    return 1 + int((scores > scores[place]).sum()) + int((scores[:place] == scores[place]).sum())


def ordered(candidates: Candidates, legs: Legs, scores: Float32Vector) -> Ranked:
    """The candidates by their final score, equal ones in the candidates' own order."""
    import numpy as np

    order: Int64Vector = np.argsort(-scores, kind="stable")
    places = order.tolist()
    return Ranked(
        ids=candidates.ids[order].tolist(),
        scores=scores[order].tolist(),
        documents=[candidates.documents[place] for place in places],
        texts=[candidates.texts[place] for place in places],
        pages=[candidates.pages[place] for place in places],
        paths=[candidates.paths[place] for place in places],
        legs=Legs(*(None if leg is None else leg[order] for leg in (legs.cosines, legs.names, legs.bm25))),
        damaged=candidates.damaged,
    )
