"""Do two encoders see the same texts alike?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix, Int64Vector

NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Likeness:
    """Of two encoders, over the same texts."""

    cosine: float | None
    """Of the two vectors of a text, on average; None where they differ in length and cannot be compared."""
    overlap: float
    """Share of the ten texts nearest to a text that are so for both, on average."""


def likeness(ours: Float32Matrix, theirs: Float32Matrix) -> Likeness:
    """(texts, dim) each, unit rows; the dims may differ, the texts are the same."""
    cosine = float((ours * theirs).sum(axis=1).mean()) if ours.shape == theirs.shape else None
    return Likeness(cosine, overlap(nearest(ours), nearest(theirs)))


def nearest(vectors: Float32Matrix) -> Int64Vector:
    """(texts, 10): the numbers of each text's nearest others, itself left out."""
    import numpy as np

    cosines = vectors @ vectors.T  # (texts, texts)
    np.fill_diagonal(cosines, -2.0)
    count = min(NEIGHBOURS, len(vectors) - 1)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :count]


def overlap(ours: Int64Vector, theirs: Int64Vector) -> float:
    """Share of numbers that two lists of nearest texts have in common, on average; 1 for a single text."""
    if ours.shape[1] == 0:
        return 1.0
    common = (ours[:, :, None] == theirs[:, None, :]).any(axis=2)  # (texts, 10)
    return float(common.mean())
