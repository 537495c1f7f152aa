"""BERT to DistilBERT without loss.

DistilBERT is BERT without token types and without the pooler. A sentence encoder always reads token type 0 and never
the pooler, so adding row 0 of the token-type embeddings to every position embedding leaves the hidden states as they
were, up to rounding: (word + type) + position = word + (position + type).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import BertModel, DistilBertModel

_LAYER_NAMES = {
    "attention.self.query": "attention.q_lin",
    "attention.self.key": "attention.k_lin",
    "attention.self.value": "attention.v_lin",
    "attention.output.dense": "attention.out_lin",
    "attention.output.LayerNorm": "sa_layer_norm",
    "intermediate.dense": "ffn.lin1",
    "output.dense": "ffn.lin2",
    "output.LayerNorm": "output_layer_norm",
}
"""Names inside one layer: BERT's and DistilBERT's."""


def to_distilbert(bert: BertModel) -> DistilBertModel:
    """A DistilBertModel in evaluation mode with the same hidden states. Raises ValueError where BERT differs."""
    from transformers import DistilBertConfig, DistilBertModel

    config = bert.config
    if config.layer_norm_eps != 1e-12:  # DistilBERT has it written into its code
        raise ValueError(f"DistilBERT's layer norm needs epsilon 1e-12, the source has {config.layer_norm_eps}")
    distilbert = DistilBertModel(
        DistilBertConfig(
            vocab_size=config.vocab_size,
            max_position_embeddings=config.max_position_embeddings,
            n_layers=config.num_hidden_layers,
            n_heads=config.num_attention_heads,
            dim=config.hidden_size,
            hidden_dim=config.intermediate_size,
            activation=config.hidden_act,
            attn_implementation="eager",
        )
    )
    distilbert.load_state_dict(distilbert_weights(bert))  # strict: every weight must be there, and no other
    return distilbert.eval()


def distilbert_weights(bert: BertModel) -> dict[str, Tensor]:
    """BERT's weights under DistilBERT's names, the token type folded in, the pooler left out."""
    weights = bert.state_dict()
    converted = {
        "embeddings.word_embeddings.weight": weights["embeddings.word_embeddings.weight"],
        "embeddings.position_embeddings.weight": (
            weights["embeddings.position_embeddings.weight"]  # (positions, dim)
            + weights["embeddings.token_type_embeddings.weight"][0]  # (dim,)
        ),
    }
    for part in ("weight", "bias"):
        converted[f"embeddings.LayerNorm.{part}"] = weights[f"embeddings.LayerNorm.{part}"]
        for layer in range(bert.config.num_hidden_layers):
            for old, new in _LAYER_NAMES.items():
                converted[f"transformer.layer.{layer}.{new}.{part}"] = weights[f"encoder.layer.{layer}.{old}.{part}"]
    return converted
