"""How much is each input of each matrix used? Read off while the encoder encodes a few passages of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from localsearch.compress.anatomy import linears_of
from localsearch.compress.distill.run import load_tokenizer
from localsearch.compress.distill.teacher import pooled, unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localsearch.compress.weights import Backbone, TorchEncoder

TEXTS = 128
"""Passages that calibrate, as many as Wanda's authors took sequences."""


def read_rows(texts: Sequence[str], tokenizer: Path, max_tokens: int) -> list[Tensor]:
    """The word pieces of each text, (1, tokens), as the encoder reads them.

    `tokenizer`: a folder with tokenizer.json. `max_tokens`: special pieces included; the rest is cut off.
    """
    loaded = load_tokenizer(tokenizer)
    loaded.enable_truncation(max_tokens)
    return [torch.tensor([loaded.encode(text).ids]) for text in texts]


def input_norms(model: Backbone, rows: Sequence[Tensor]) -> dict[str, Tensor]:
    """The L2 norm of each input channel of every matrix in the layers, over all tokens of `rows`: (in,) by full name.

    The norm is the one in Wanda (Sun, Liu, Bair and Kolter, ICLR 2024). `rows`: (1, tokens) each.
    """
    squares: dict[str, Tensor] = {}

    def note(name: str, inputs: Tensor) -> None:
        here = inputs.square().sum(dim=(0, 1))  # (in,)
        squares[name] = squares[name] + here if name in squares else here

    with torch.no_grad(), _watched(linears_of(model), note):
        for row in rows:
            model(row)
    return {name: found.sqrt() for name, found in squares.items()}


@contextmanager
def _watched(linears: dict[str, nn.Linear], note: Callable[[str, Tensor], None]) -> Iterator[None]:
    def watch(name: str, linear: nn.Linear) -> torch.utils.hooks.RemovableHandle:
        return linear.register_forward_pre_hook(lambda _, inputs: note(name, inputs[0]))

    handles = [watch(name, linear) for name, linear in linears.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def vectors(encoder: TorchEncoder, rows: Sequence[Tensor]) -> Tensor:
    """The vector of each text: (texts, dim), unit length. `rows`: (1, tokens) each."""
    with torch.no_grad():
        one = torch.cat([pooled(encoder.model(row).last_hidden_state, encoder.pooling) for row in rows])
        return unit(one if encoder.dense is None else encoder.dense(one))
