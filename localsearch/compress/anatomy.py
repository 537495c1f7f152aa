"""Where the parts of a layer stand in the two architectures that the workshop works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from localsearch.compress.weights import Backbone


@dataclass(frozen=True, slots=True)
class Anatomy:
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


DISTILBERT = Anatomy(
    layers="transformer.layer",
    attention="attention",
    readers=("attention.q_lin", "attention.k_lin", "attention.v_lin"),
    out="attention.out_lin",
    up="ffn.lin1",
    down="ffn.lin2",
    first_position=0,
)
MPNET = Anatomy(
    layers="encoder.layer",
    attention="attention.attn",
    readers=("attention.attn.q", "attention.attn.k", "attention.attn.v"),
    out="attention.attn.o",
    up="intermediate.dense",
    down="output.dense",
    first_position=2,
)


def anatomy(model: Backbone) -> Anatomy:
    return MPNET if model.config.model_type == "mpnet" else DISTILBERT


def layers_of(model: Backbone) -> nn.ModuleList:
    found: nn.ModuleList = model.get_submodule(anatomy(model).layers)
    return found


def most_tokens(model: Backbone) -> int:
    """Tokens of the longest text that has a position embedding for each."""
    return int(model.config.max_position_embeddings) - anatomy(model).first_position
