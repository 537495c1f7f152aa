"""A text's vector taken apart: what each token that was read adds to it.

Where the vector is the mean of the tokens' vectors h, through a projection P or none, at unit length, it is a sum:

    unit(mean(h) P)  =  sum over tokens t of  h_t P / (T |mean(h) P|)

So is its cosine with a query of unit length, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localsearch.encoder.card import Card, Pooling
from localsearch.encoder.pool import TOKEN_OUTPUTS

if TYPE_CHECKING:
    from tokenizers import Encoding

    from localsearch.records import Float32Matrix, Float32Vector

Span = tuple[int, int]

_SAME = 1e-4
"""Largest difference of two float32 vectors of unit length that count as one."""


@dataclass(frozen=True, slots=True)
class Parts:
    """One text's vector, and the rows that add up to it."""

    vector: Float32Vector
    """(dim,), unit length."""
    rows: Float32Matrix
    """(tokens, dim)."""
    spans: tuple[Span | None, ...]
    """Where each row's token stands in the text, code points; None for what the encoder puts around every text."""


def token_output(card: Card, outputs: Sequence[str]) -> str | None:
    """The graph's output whose mean may be the vector; None when it gives none or the card takes one token."""
    if card.pooling is not Pooling.MEAN:
        return None
    return next((name for name in TOKEN_OUTPUTS if name in outputs), None)


def parts_of(
    encoding: Encoding, prefix: int, hidden: Float32Matrix, projection: Float32Matrix | None, vector: Float32Vector
) -> Parts | None:
    """`hidden` (tokens, hidden) as parts of `vector` (dim,); None when they do not add up to it.

    `prefix`: code points that were put before the text.
    """
    import numpy as np

    rows = hidden if projection is None else hidden @ projection  # (tokens, dim)
    rows = rows / (len(rows) * max(float(np.linalg.norm(rows.mean(axis=0))), 1e-12))
    if rows.shape[1] != len(vector) or float(np.abs(rows.sum(axis=0) - vector).max()) > _SAME:
        return None
    return Parts(vector, rows, tuple(_spans(encoding, prefix)))


def _spans(encoding: Encoding, prefix: int) -> Iterator[Span | None]:
    for (start, end), special in zip(encoding.offsets, encoding.special_tokens_mask, strict=True):
        yield None if special or end <= prefix else (max(start - prefix, 0), end - prefix)
