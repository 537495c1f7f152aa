"""Layers whose matrices have other shapes than the configuration says: what structured pruning leaves.

The configuration stays that of the unpruned model, because the size of a head is worked out from it; the shapes of
the tensors say what is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from localsearch.compress.architecture import architecture, layers_of, linears_of

if TYPE_CHECKING:
    from localsearch.compress.weights import Backbone

_HEADS = ("heads", "n_heads", "num_attention_heads")
"""What the three kinds of attention call their number of heads."""


def fit_shapes(model: Backbone, tensors: Mapping[str, Tensor]) -> None:
    """Give every linear in the layers of `model` the shape of its weights in `tensors`, by full name.

    Raises ValueError when the shapes do not fit each other or the model.
    """
    for name, linear in linears_of(model).items():
        weight = tensors.get(f"{name}.weight")
        if weight is not None and weight.shape != linear.weight.shape:
            set_weights(linear, torch.empty_like(weight), None if linear.bias is None else torch.empty(len(weight)))
    count_heads(model)


def set_weights(linear: nn.Linear, weight: Tensor, bias: Tensor | None) -> None:
    """Let `linear` have these weights (out, in) and this bias (out,), of whatever shape."""
    learns = linear.weight.requires_grad
    linear.out_features, linear.in_features = weight.shape
    linear.weight = nn.Parameter(weight.clone(), requires_grad=learns)
    linear.bias = None if bias is None else nn.Parameter(bias.clone(), requires_grad=learns)


def keep_rows(linear: nn.Linear, kept: Tensor) -> None:
    """Leave only these outputs, by their places."""
    set_weights(linear, linear.weight.detach()[kept], None if linear.bias is None else linear.bias.detach()[kept])


def keep_columns(linear: nn.Linear, kept: Tensor) -> None:
    """Leave only these inputs, by their places."""
    set_weights(linear, linear.weight.detach()[:, kept], None if linear.bias is None else linear.bias.detach())


def count_heads(model: Backbone) -> None:
    """Let every attention know how many heads its matrices hold. Raises ValueError when they do not fit together."""
    parts, dim = architecture(model), int(model.config.hidden_size)
    for layer in layers_of(model):
        query, key, value = (layer.get_submodule(name) for name in parts.readers)
        out, up, down = (layer.get_submodule(name) for name in (parts.out, parts.up, parts.down))
        attention = layer.get_submodule(parts.attention)
        rows, size = query.out_features, attention.attention_head_size
        inputs = {reader.in_features for reader in (query, key, value, up)} | {out.out_features, down.out_features}
        alike = {key.out_features, value.out_features, out.in_features} == {rows}
        if inputs != {dim} or not alike or up.out_features != down.in_features or rows % size or not rows:
            raise ValueError("the shapes of a layer's matrices do not fit together")
        if hasattr(attention, "n_heads"):
            attention.n_heads = rows // size
        elif rows // size != attention.num_attention_heads:
            raise ValueError("MPNet's heads share their distances, so every layer must have all of them")


def heads_of(model: Backbone) -> list[int]:
    """Attention heads of each layer, also of a model whose attention was fused for export."""
    return [
        next(int(getattr(part, name)) for part in layer.modules() for name in _HEADS if hasattr(part, name))
        for layer in layers_of(model)
    ]


def widths_of(model: Backbone) -> list[int]:
    """Neurons of each layer's feed-forward part."""
    return [layer.get_submodule(architecture(model).up).out_features for layer in layers_of(model)]
