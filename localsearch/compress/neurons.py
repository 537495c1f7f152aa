"""Feed-forward neurons removed: smaller matrices, so fewer bytes and less time on every CPU.

A neuron is judged by what it sends on: how strong it is on the text at hand, times how strongly the matrix behind it
reads it. That is Wanda's measure of a weight (Sun et al., ICLR 2024), taken over all weights that leave the neuron.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from torch import Tensor

from localsearch.compress.architecture import architecture, layers_of
from localsearch.compress.shapes import keep_columns, keep_rows

if TYPE_CHECKING:
    from localsearch.compress.weights import Backbone


def remove_neurons(model: Backbone, share: float, norms: Mapping[str, Tensor]) -> None:
    """Remove this share, from 0 to below 1, of each layer's feed-forward neurons; one is always left.

    `norms`: what `norms.input_norms` found, by full name.
    """
    parts = architecture(model)
    for number, layer in enumerate(layers_of(model)):
        up, down = layer.get_submodule(parts.up), layer.get_submodule(parts.down)
        scores = norms[f"{parts.layers}.{number}.{parts.down}"] * down.weight.detach().norm(dim=0)  # (neurons,)
        kept = strongest(scores, max(1, round(len(scores) * (1.0 - share))))
        keep_rows(up, kept)
        keep_columns(down, kept)


def strongest(scores: Tensor, count: int) -> Tensor:
    """(count,): the places of the highest scores, in their old order."""
    return scores.argsort(descending=True, stable=True)[:count].sort().values
