"""Attention heads and layers removed: smaller matrices or fewer, so fewer bytes and less time on every CPU.

Heads are judged as `compress.neurons` judges neurons. What is left is not changed. Every function works on the model in
place, and can be called on a pruned model again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from localsearch.compress.architecture import architecture, layers_of
from localsearch.compress.neurons import strongest
from localsearch.compress.prune.calibrate import vectors
from localsearch.compress.shapes import count_heads, heads_of, keep_columns, keep_rows
from localsearch.errors import EncoderError

if TYPE_CHECKING:
    from localsearch.compress.weights import Backbone, TorchEncoder

LOOKED_AT = 64
"""Texts on which layers are chosen: every choice encodes them once for each layer that is left."""


def remove_heads(model: Backbone, amount: float, norms: Mapping[str, Tensor]) -> None:
    """Remove attention heads from each layer: a share of them, at least one, when `amount` is below 1, else that many.

    `norms`: what `norms.input_norms` found. Raises EncoderError when none would be left, and for MPNet.
    """
    if model.config.model_type == "mpnet":
        raise EncoderError("Heads cannot be removed from MPNet: all its layers share one table of distances by head.")
    parts = architecture(model)
    for number, (layer, heads) in enumerate(zip(layers_of(model), heads_of(model), strict=True)):
        left = heads - (max(1, round(heads * amount)) if amount < 1 else int(amount))
        if left < 1:
            raise EncoderError(f"A layer has {heads} heads; at least one must be left.")
        out = layer.get_submodule(parts.out)
        sent = norms[f"{parts.layers}.{number}.{parts.out}"] * out.weight.detach().norm(dim=0)  # (heads * size,)
        kept = strongest(sent.view(heads, -1).norm(dim=1), left)
        channels = torch.arange(len(sent)).view(heads, -1)[kept].flatten()
        for name in parts.readers:
            keep_rows(layer.get_submodule(name), channels)
        keep_columns(out, channels)
    count_heads(model)


def remove_layers(encoder: TorchEncoder, count: int, rows: Sequence[Tensor]) -> list[int]:
    """Remove `count` layers, one after the other, each time the one whose absence moves the vectors least.

    The vectors are those of the first texts of `rows`, (1, tokens) each, held against the ones before anything was
    removed. Gives the numbers of the layers that are left, first is 0. Raises EncoderError when none would be.
    """
    model, left = encoder.model, list(range(len(layers_of(encoder.model))))
    if count >= len(left):
        raise EncoderError(f"The encoder has {len(left)} layers; at least one must be left.")
    layers, shown = list(layers_of(model)), rows[:LOOKED_AT]
    whole = vectors(encoder, shown)  # (texts, dim)
    for _ in range(count):
        likeness = {}
        for absent in left:
            keep_layers(model, [layers[number] for number in left if number != absent])
            likeness[absent] = float((vectors(encoder, shown) * whole).sum(dim=1).mean())
        left.remove(max(likeness, key=lambda number: likeness[number]))
    keep_layers(model, [layers[number] for number in left])
    return left


def keep_layers(model: Backbone, layers: Sequence[nn.Module]) -> None:
    """Let `model` have these layers and no others."""
    model.set_submodule(architecture(model).layers, nn.ModuleList(layers))
    model.config.num_hidden_layers = len(layers)
