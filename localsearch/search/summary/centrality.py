"""Which few of many passages stand for all of them? From their stored vectors alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix, Float32Vector


def likeness(vectors: Float32Matrix) -> Float32Matrix:
    """The square of the cosine between each two of `vectors` (n, dim), unit length: (n, n), 0 to 1.

    The square, because a passage that is a little like everything does not stand for everything; measured in
    docs/decisions/0010-summaries.md.
    """
    import numpy as np

    cosines = vectors @ vectors.T
    np.maximum(cosines, 0.0, out=cosines)
    squares: Float32Matrix = np.square(cosines, out=cosines)
    return squares


def without_repeats(alike: Float32Matrix, weights: Float32Vector) -> Float32Vector:
    """The weights (n,), each divided by how often the passages say the like of it: what is said five times counts once.

    The divisor is the sum of the squares of a passage's row in `alike`, itself among them. The sum of the result is 1.
    """
    import numpy as np

    spread: Float32Vector = weights / np.maximum(np.einsum("ij,ij->i", alike, alike), 1.0)
    total = float(spread.sum())
    return spread / total if total > 0 else spread


def representatives(
    alike: Float32Matrix, weights: Float32Vector, values: Float32Vector, count: int, fit: Callable[[int], bool]
) -> list[int]:
    """Rows of the passages that together cover all of them best, at most `count`, best first.

    `alike` (n, n) comes from `likeness`, `weights` (n,) say how much each passage needs covering, `values` (n,) how
    well it speaks for others. Maximises the facility location function

        f(S) = sum over i of weights[i] * max over j in S of values[j] * alike[i, j]

    by the greedy algorithm, which reaches at least 63 % of the best possible (Nemhauser, Wolsey, Fisher 1978; for
    summaries: Lin and Bilmes, A Class of Submodular Functions for Document Summarization, ACL 2011). Covering and
    not repeating are one thing here: what a chosen passage covers already adds nothing. A row for which `fit` says
    no is passed over; it is asked only about rows that would be chosen. O(count * n^2).
    """
    import numpy as np

    speaks = alike * values[None, :]
    covered = np.zeros(len(alike), np.float32)
    asked = np.zeros(len(alike), bool)
    chosen: list[int] = []
    while len(chosen) < count and not asked.all():
        gains = weights @ np.maximum(speaks - covered[:, None], 0.0)  # (n,)
        for row in map(int, np.argsort(-gains, kind="stable")):
            if asked[row]:
                continue
            asked[row] = True
            if fit(row):
                chosen.append(row)
                covered = np.maximum(covered, speaks[:, row])
                break
    return chosen


def relevant_and_different(
    vectors: Float32Matrix, relevance: Float32Vector, count: int, *, trade: float = 0.7
) -> list[int]:
    """Rows that are relevant and unlike one another, at most `count`, best first.

    `vectors` (n, dim), unit length; `relevance` (n,), on the scale of a cosine. Maximal marginal relevance: each step
    takes the row with the highest trade * relevance - (1 - trade) * cosine to the nearest row taken (Carbonell and
    Goldstein, SIGIR 1998).
    """
    import numpy as np

    nearest = np.zeros(len(vectors), np.float32)
    chosen: list[int] = []
    for _ in range(min(count, len(vectors))):
        marginal = trade * relevance - (1 - trade) * nearest
        marginal[chosen] = -np.inf
        row = int(marginal.argmax())
        chosen.append(row)
        nearest = np.maximum(nearest, vectors @ vectors[row])
    return chosen
