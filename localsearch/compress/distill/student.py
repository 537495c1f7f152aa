"""The student before its first step: some of the layers of an encoder that is trained already."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from localsearch.compress.neurons import remove_neurons
from localsearch.compress.shapes import fit_shapes
from localsearch.compress.weights import with_epsilon

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from transformers import DistilBertModel, MPNetModel

_MPNET_NAMES = {
    "attention.attn.q": "attention.q_lin",
    "attention.attn.k": "attention.k_lin",
    "attention.attn.v": "attention.v_lin",
    "attention.attn.o": "attention.out_lin",
    "attention.LayerNorm": "sa_layer_norm",
    "intermediate.dense": "ffn.lin1",
    "output.dense": "ffn.lin2",
    "output.LayerNorm": "output_layer_norm",
}
"""Names inside one layer: MPNet's and DistilBERT's."""


def begin(model: DistilBertModel | MPNetModel, layers: Sequence[int]) -> DistilBertModel:
    """A DistilBERT with these layers of `model`, in this order."""
    return take_layers(from_mpnet(model) if model.config.model_type == "mpnet" else model, layers)


def take_layers(model: DistilBertModel, layers: Sequence[int]) -> DistilBertModel:
    """A copy of `model` with these of its layers only, in this order (DistilBERT began so: Sanh et al., 2019)."""
    student = copy.deepcopy(model)
    chosen = [student.transformer.layer[number] for number in layers]
    student.transformer.layer = nn.ModuleList(chosen)
    student.config.n_layers = student.transformer.n_layers = len(chosen)
    return student


def from_mpnet(mpnet: MPNetModel) -> DistilBertModel:
    """MPNet's weights in a DistilBERT: a beginning, not the same encoder.

    MPNet adds a learned number to each attention score by the distance of the two pieces; DistilBERT has no place for
    it. Distillation makes up for that. MPNet counts positions from 2.
    """
    from transformers import DistilBertConfig, DistilBertModel

    config = mpnet.config
    first = config.pad_token_id + 1
    student = DistilBertModel(
        DistilBertConfig(
            vocab_size=config.vocab_size,
            max_position_embeddings=config.max_position_embeddings - first,
            n_layers=config.num_hidden_layers,
            n_heads=config.num_attention_heads,
            dim=config.hidden_size,
            hidden_dim=config.intermediate_size,
            activation=config.hidden_act,
            layer_norm_eps=config.layer_norm_eps,
            attn_implementation="eager",
        )
    )
    weights = mpnet.state_dict()
    taken: dict[str, Tensor] = {
        "embeddings.word_embeddings.weight": weights["embeddings.word_embeddings.weight"],
        "embeddings.position_embeddings.weight": weights["embeddings.position_embeddings.weight"][first:],
    }
    for part in ("weight", "bias"):
        taken[f"embeddings.LayerNorm.{part}"] = weights[f"embeddings.LayerNorm.{part}"]
        for layer in range(config.num_hidden_layers):
            for old, new in _MPNET_NAMES.items():
                taken[f"transformer.layer.{layer}.{new}.{part}"] = weights[f"encoder.layer.{layer}.{old}.{part}"]
    fit_shapes(student, taken)
    student.load_state_dict(taken)  # strict: every weight must be there, and no other
    return with_epsilon(student).eval()


def thin_out(student: DistilBertModel, share: float, texts: Sequence[NDArray[np.int64]]) -> None:
    """Leave this share of each layer's feed-forward neurons: those that send on most.

    `texts`: word pieces on which that is judged, (texts, length) each.
    """
    remove_neurons(student, 1.0 - share, [torch.from_numpy(rows) for rows in texts])


def keep_words(student: DistilBertModel, kept: Sequence[int]) -> None:
    """Leave only these rows of the word embeddings, in this order."""
    words = student.embeddings.word_embeddings
    left = nn.Embedding(len(kept), words.embedding_dim)  # the padding row is a row like all others here
    left.weight.data.copy_(words.weight.data[torch.tensor(kept)])
    student.embeddings.word_embeddings = left
    student.config.vocab_size = len(kept)
