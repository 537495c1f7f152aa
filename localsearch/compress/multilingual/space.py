"""One space for several teachers: what the student is to give for an English text.

The cosines of the teachers are added up: their vectors, each at its weight, are put one behind the other, and the
axes along which they are longest are kept, as many as the student has numbers. So a text is near another where the
teachers agree that it is, and the student needs no projections of its own that would be thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from localsearch.compress.distill.widths import principal_axes, turned_towards


@dataclass(frozen=True, slots=True)
class Space:
    """How the teachers' vectors become the student's."""

    weights: tuple[float, ...]
    """Of each teacher's cosine."""
    means: tuple[Tensor, ...]
    """(dim,) taken off each teacher's vectors before they are compared; zero where the cosines spread by themselves."""
    axes: Tensor
    """(all dims, student's dim), orthonormal columns."""

    def joined(self, vectors: Sequence[Tensor]) -> Tensor:
        """(texts, all dims): their products are the weighted sums of the teachers' cosines."""
        return joined(vectors, self.weights, self.means)

    def targets(self, vectors: Sequence[Tensor]) -> Tensor:
        """(texts, student's dim), unit length, from (texts, dim) of each teacher."""
        return functional.normalize(self.joined(vectors) @ self.axes, dim=1)


def joined(vectors: Sequence[Tensor], weights: Sequence[float], means: Sequence[Tensor]) -> Tensor:
    """(texts, all dims), unit length when the weights add up to 1."""
    parts = [
        weight**0.5 * functional.normalize(own.float() - mean, dim=1)
        for own, weight, mean in zip(vectors, weights, means, strict=True)
    ]
    return torch.cat(parts, dim=1)


def fitted(vectors: Sequence[Tensor], weights: Sequence[float], centred: Sequence[bool], ours: Tensor) -> Space:
    """The space for these texts, turned so that it lies as near as can be to the student's vectors `ours`."""
    total = sum(weights)
    shares = tuple(weight / total for weight in weights)
    means = tuple(
        own.float().mean(dim=0) if centre else torch.zeros(own.shape[1])
        for own, centre in zip(vectors, centred, strict=True)
    )
    together = joined(vectors, shares, means)
    axes = turned_towards(principal_axes(together, ours.shape[1]), together, ours)
    return Space(shares, means, axes.contiguous())
