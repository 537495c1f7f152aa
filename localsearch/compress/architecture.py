"""Where the parts of a layer stand in the two architectures that the workshop works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from torch import nn

    from localsearch.compress.weights import Backbone


@dataclass(frozen=True, slots=True)
class Architecture:
    """Names of the parts, each as `get_submodule` takes it: `layers` in the model, the others in a layer."""

    layers: str
    attention: str
    """The module that reads the hidden states for attention, without the sum and norm after it."""
    readers: tuple[str, str, str]
    """Queries, keys, values."""
    out: str
    up: str
    """The first linear of the feed-forward part; `down` is the second."""
    down: str
    first_position: int
    """The row of the position embeddings that a text's first token gets."""

    @property
    def linears(self) -> tuple[str, ...]:
        """All matrices of a layer, in the order in which they are used."""
        return (*self.readers, self.out, self.up, self.down)


DISTILBERT = Architecture(
    layers="transformer.layer",
    attention="attention",
    readers=("attention.q_lin", "attention.k_lin", "attention.v_lin"),
    out="attention.out_lin",
    up="ffn.lin1",
    down="ffn.lin2",
    first_position=0,
)
MPNET = Architecture(
    layers="encoder.layer",
    attention="attention.attn",
    readers=("attention.attn.q", "attention.attn.k", "attention.attn.v"),
    out="attention.attn.o",
    up="intermediate.dense",
    down="output.dense",
    first_position=2,
)


def architecture(model: Backbone) -> Architecture:
    return MPNET if model.config.model_type == "mpnet" else DISTILBERT


def layers_of(model: Backbone) -> nn.ModuleList:
    found: nn.ModuleList = model.get_submodule(architecture(model).layers)
    return found


def linears_of(model: Backbone) -> dict[str, nn.Linear]:
    """The matrices of all layers by their full names in `model`."""
    parts = architecture(model)
    names = [f"{parts.layers}.{number}.{name}" for number in range(len(layers_of(model))) for name in parts.linears]
    return {name: cast("nn.Linear", model.get_submodule(name)) for name in names}


def most_tokens(model: Backbone) -> int:
    """Tokens of the longest text that has a position embedding for each."""
    return int(model.config.max_position_embeddings) - architecture(model).first_position
