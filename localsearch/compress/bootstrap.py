"""Can the queries tell two encoders apart? Paired bootstrap over queries.

The same queries are asked of both, so what counts is the difference on each (Koehn, EMNLP 2004; Sakai, SIGIR 2006).
Queries are drawn again with replacement within each collection, and a mean over collections is taken as in the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Scores = Sequence[Sequence[float]]
"""nDCG@10 of each query, 0 to 1, by collection; of two encoders in the same order."""

LEAST_QUERIES = 50
"""With fewer in all, nothing is told apart: the resampled queries are too much the same."""
RESAMPLES = 4_000
LEVEL = 0.95
"""Of each bound alone: a claim that a bound supports is wrong in one of twenty cases at most."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Interval:
    """What was measured, and what it may be on other queries of the same kind."""

    value: float
    low: float
    high: float
    queries: int

    @property
    def tells(self) -> bool:
        """Whether there are queries enough to say anything."""
        return self.queries >= LEAST_QUERIES

    def surely_least(self, limit: float) -> bool:
        """Whether it is `limit` or more, beyond chance."""
        return self.tells and self.low >= limit

    def surely_below(self, limit: float) -> bool:
        return self.tells and self.high < limit


def difference(ours: Scores, theirs: Scores) -> Interval:
    """Ours less theirs, on average over the collections."""
    one, other = _means(ours), _means(theirs)
    return _interval(_mean(ours) - _mean(theirs), one - other, ours)


def share(ours: Scores, theirs: Scores) -> Interval:
    """Ours as a share of theirs; 1 where they find nothing."""
    one, other = _means(ours), _means(theirs)
    shares = np.divide(one, other, out=np.ones_like(one), where=other > 0)
    whole = _mean(theirs)
    return _interval(_mean(ours) / whole if whole else 1.0, shares, ours)


def _interval(value: float, resampled: NDArray[np.float64], scores: Scores) -> Interval:
    low, high = np.quantile(resampled, (1.0 - LEVEL, LEVEL))
    return Interval(value, float(low), float(high), sum(map(len, scores)))


def _mean(scores: Scores) -> float:
    return float(np.mean([np.mean(one) for one in scores]))


def _means(scores: Scores) -> NDArray[np.float64]:
    """(RESAMPLES,): the mean over collections of each resample. The seed makes the draws of both encoders the same."""
    chance = np.random.default_rng(SEED)
    drawn = [np.asarray(one)[chance.integers(len(one), size=(RESAMPLES, len(one)))].mean(axis=1) for one in scores]
    means: NDArray[np.float64] = np.mean(drawn, axis=0)
    return means
