"""How much is each input of each matrix used? Read off while an encoder encodes a few texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from localsearch.compress.architecture import linears_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localsearch.compress.weights import Backbone


def input_norms(model: Backbone, rows: Sequence[Tensor]) -> dict[str, Tensor]:
    """The L2 norm of each input channel of every matrix in the layers, over all tokens of `rows`: (in,) by full name.

    The norm is the one in Wanda (Sun, Liu, Bair and Kolter, ICLR 2024). `rows`: (texts, tokens) each, without padding.
    """
    squares: dict[str, Tensor] = {}

    def note(name: str, inputs: Tensor) -> None:
        here = inputs.square().sum(dim=(0, 1))  # (in,)
        squares[name] = squares[name] + here if name in squares else here

    with torch.no_grad(), watched(linears_of(model), note):
        for row in rows:
            model(row)
    return {name: found.sqrt() for name, found in squares.items()}


@contextmanager
def watched(linears: dict[str, nn.Linear], note: Callable[[str, Tensor], None]) -> Iterator[None]:
    """`note` hears of the name of each matrix and its inputs whenever it is used."""

    def watch(name: str, linear: nn.Linear) -> torch.utils.hooks.RemovableHandle:
        return linear.register_forward_pre_hook(lambda _, inputs: note(name, inputs[0]))

    handles = [watch(name, linear) for name, linear in linears.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
