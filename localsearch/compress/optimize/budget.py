"""What a device allows, and what a candidate misses of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localsearch.compress.bootstrap import Interval, difference, share

if TYPE_CHECKING:
    from localsearch.compress.compare.run import Row

MB = 1_000_000
ALIKE = 0.002
"""nDCG@10 that a smaller candidate may rank worse by and still count as equally good."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits, each None when it does not matter. What counts is measured on this machine."""

    max_mb: float | None = None
    """Megabytes (10^6 bytes) of the files that the encoder runs with."""
    max_ms: float | None = None
    """Milliseconds to encode one query."""
    min_passages_per_second: float | None = None
    min_quality: float = 0.0
    """Dense nDCG@10, averaged over the sets, as a share of the start's."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One limit that is missed."""

    value: float
    limit: float
    unit: str

    @property
    def share(self) -> float:
        """How far beyond the limit, as a share: 0.5 for half as much again, or for two thirds of what is asked."""
        return max(self.value, self.limit) / max(min(self.value, self.limit), 1e-9) - 1.0

    def __str__(self) -> str:
        if self.unit == "nDCG@10":
            return f"{self.value:.1%} of the start's nDCG@10 instead of {self.limit:.1%}"
        return f"{self.value:.1f} {self.unit} instead of {self.limit:g}"


def missed_size(budget: Budget, bytes_: int) -> list[Shortfall]:
    """The size alone, which is known before anything is measured; none when it fits."""
    if budget.max_mb is None or bytes_ / MB <= budget.max_mb:
        return []
    return [Shortfall(bytes_ / MB, budget.max_mb, "MB")]


def missed(budget: Budget, row: Row, start: Row) -> list[Shortfall]:
    """All limits that a measured candidate misses."""
    found = missed_size(budget, row.bytes)
    if budget.max_ms is not None and row.speed.query_ms > budget.max_ms:
        found.append(Shortfall(row.speed.query_ms, budget.max_ms, "ms a query"))
    wanted = budget.min_passages_per_second
    if wanted is not None and row.speed.passages_per_second < wanted:
        found.append(Shortfall(row.speed.passages_per_second, wanted, "passages/s"))
    if (quality := quality_share(row, start).value) < budget.min_quality:
        found.append(Shortfall(quality, budget.min_quality, "nDCG@10"))
    return found


def quality_share(row: Row, start: Row) -> Interval:
    """Dense nDCG@10 as a share of the start's; 1 where the start finds nothing either."""
    return share(row.scores, start.scores)


def keeps_quality(budget: Budget, row: Row, start: Row) -> bool:
    """Whether the share that is asked for is kept beyond chance; the start keeps it by itself."""
    return not budget.min_quality or row is start or quality_share(row, start).surely_least(budget.min_quality)


def safest(rows: Sequence[Row]) -> Row:
    """Of `rows`, which begin with what changes least: the first, unless the queries speak for a later one.

    They do when it ranks better beyond chance, or when it is smaller and beyond chance no worse by more than `ALIKE`.
    """
    chosen = rows[0]
    for row in rows[1:]:
        gain = difference(row.scores, chosen.scores)
        better = gain.tells and gain.low > 0.0
        if better or (row.bytes < chosen.bytes and gain.surely_least(-ALIKE)):
            chosen = row
    return chosen
