"""A teacher whose vectors are of another length: brought to the student's."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def principal_axes(vectors: Tensor, width: int) -> Tensor:
    """(D, width): the axes along which `vectors` (texts, D) are longest, the mean not removed; orthonormal columns.

    Projecting on them keeps dot products best of all projections to that length (Eckart and Young, 1936). Where
    `width` is more than D, the columns too many are zero.
    """
    _, _, axes = torch.linalg.svd(vectors, full_matrices=False)  # (min(texts, D), D), longest first
    return functional.pad(axes[:width].T, (0, max(0, width - len(axes))))


def turned_towards(axes: Tensor, theirs: Tensor, ours: Tensor) -> Tensor:
    """The same axes turned among themselves so that projected vectors lie as near the student's own as can be.

    axes (D, width), theirs (texts, D), ours (texts, width) -> (D, width). Cosines between projected vectors stay as
    they are, and the student need not learn a rotation (orthogonal Procrustes problem, Schönemann 1966).
    """
    left, _, right = torch.linalg.svd((theirs @ axes).T @ ours)
    return axes @ (left @ right)


def projected(vectors: Tensor, axes: Tensor) -> Tensor:
    """(texts, D) -> (texts, width), unit length."""
    return functional.normalize(vectors @ axes, dim=1)
