"""A few passages of the user's own as the encoder reads them, and what it makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from localsearch.compress.distill.run import load_tokenizer
from localsearch.compress.distill.teacher import pooled, unit

if TYPE_CHECKING:
    from localsearch.compress.weights import TorchEncoder

TEXTS = 128
"""Passages that calibrate, as many as Wanda's authors took sequences."""


def read_rows(texts: Sequence[str], tokenizer: Path, max_tokens: int) -> list[Tensor]:
    """The word pieces of each text, (1, tokens), as the encoder reads them.

    `tokenizer`: a folder with tokenizer.json. `max_tokens`: special pieces included; the rest is cut off.
    """
    loaded = load_tokenizer(tokenizer)
    loaded.enable_truncation(max_tokens)
    return [torch.tensor([loaded.encode(text).ids]) for text in texts]


def vectors(encoder: TorchEncoder, rows: Sequence[Tensor]) -> Tensor:
    """The vector of each text: (texts, dim), unit length. `rows`: (1, tokens) each."""
    with torch.no_grad():
        one = torch.cat([pooled(encoder.model(row).last_hidden_state, encoder.pooling) for row in rows])
        return unit(one if encoder.dense is None else encoder.dense(one))
