"""The teacher: what it makes of texts that are given in the student's word pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from localsearch.compress.weights import TorchEncoder
from localsearch.encoder.card import Pooling

if TYPE_CHECKING:
    from transformers import DistilBertModel


class Teacher:
    """An encoder that is only read from."""

    def __init__(self, encoder: TorchEncoder, pieces: Tensor | None = None) -> None:
        """`pieces`: (student's vocabulary,), the teacher's number of each of the student's pieces; None: the same."""
        self._encoder = encoder
        self._pieces = pieces
        for part in (encoder.model, encoder.dense):
            if part is not None:
                part.requires_grad_(False)
        self.dim = encoder.dim
        """Length of its vectors."""
        self.width = int(encoder.model.config.hidden_size)
        """Length of its hidden states."""
        self.parameters = sum(weights.numel() for weights in encoder.model.parameters())

    def read(self, ids: Tensor) -> tuple[list[Tensor], Tensor]:
        """`ids` (texts, length) -> what each layer gives, (texts, length, width), and the vectors, (texts, dim)."""
        own = ids if self._pieces is None else self._pieces[ids]
        with torch.no_grad():
            states = self._states(own)
            one = pooled(states[-1], self._encoder.pooling)
            return states, unit(one if self._encoder.dense is None else self._encoder.dense(one))

    def _states(self, ids: Tensor) -> list[Tensor]:
        model = self._encoder.model
        if model.config.model_type == "distilbert":
            return hidden_states(model, ids)
        told = model(ids, attention_mask=torch.ones_like(ids), output_hidden_states=True)
        return list(told.hidden_states[1:])  # the first is that of the embeddings


def hidden_states(model: DistilBertModel, ids: Tensor) -> list[Tensor]:
    """What each layer gives: layers of (texts, length, D). `ids`: (texts, length), of one length, so without mask."""
    hidden = model.embeddings(ids)
    states = []
    for layer in model.transformer.layer:
        hidden = layer(hidden)
        states.append(hidden)
    return states


def vectors_of(states: Sequence[Tensor]) -> Tensor:
    """A student's vectors from what its layers give: (texts, D), unit length."""
    return unit(pooled(states[-1]))


def pooled(hidden: Tensor, pooling: Pooling = Pooling.MEAN) -> Tensor:
    """(texts, length, D) -> (texts, D), in float32."""
    return hidden[:, 0].float() if pooling is Pooling.CLS else hidden.float().mean(dim=1)


def unit(vectors: Tensor) -> Tensor:
    """(texts, D) at length 1, in float32."""
    return functional.normalize(vectors.float(), dim=1)
