"""How fast are these encoders, beside each other?

Encoding alone, from text to vector, after a warm-up, in rounds in which all take their turn; the best round of each
counts, so that other work on the machine disturbs least.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localsearch.encoder.onnx import Encoder

ROUNDS = 3
WARM_UP = 8
"""Texts."""


@dataclass(frozen=True, slots=True)
class Speed:
    passages_per_second: float
    """All cores, the best round."""
    query_ms: float
    """Of encoding one query, one at a time: the median within the best round."""


def race(
    encoders: Mapping[str, Encoder],
    passages: Sequence[str],
    queries: Sequence[str],
    *,
    rounds: int = ROUNDS,
    tell: Callable[[str], None] | None = None,
) -> dict[str, Speed]:
    """The speed of each encoder, by its name."""
    for encoder in encoders.values():
        encoder.encode_passages(passages[:WARM_UP])
    speeds: dict[str, list[Speed]] = {name: [] for name in encoders}
    for number in range(rounds):
        for name, encoder in encoders.items():
            if tell:
                tell(f"{name}: speed, round {number + 1} of {rounds}")
            speeds[name].append(Speed(_passages_per_second(encoder, passages), _query_ms(encoder, queries)))
    return {
        name: Speed(max(one.passages_per_second for one in found), min(one.query_ms for one in found))
        for name, found in speeds.items()
    }


def _passages_per_second(encoder: Encoder, passages: Sequence[str]) -> float:
    start = time.perf_counter()
    encoder.encode_passages(passages)
    return len(passages) / (time.perf_counter() - start)


def _query_ms(encoder: Encoder, queries: Sequence[str]) -> float:
    times = []
    for query in queries:
        start = time.perf_counter()
        encoder.encode_query(query)
        times.append(time.perf_counter() - start)
    return median(times) * 1000
