"""BERT, RoBERTa and XLM-R to DistilBERT without loss.

DistilBERT is BERT without token types and without the pooler. A sentence encoder always reads token type 0 and never
the pooler, so adding row 0 of the token-type embeddings to every position embedding leaves the hidden states as they
were, up to rounding: (word + type) + position = word + (position + type). RoBERTa and XLM-R are BERT whose positions
begin after the number of the padding token; the rows before are never read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import BertModel, DistilBertModel, PreTrainedModel

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


def to_distilbert(bert: BertModel | PreTrainedModel) -> DistilBertModel:
    """A DistilBertModel in evaluation mode with the same hidden states. Raises ValueError where BERT differs."""
    from transformers import DistilBertConfig, DistilBertModel

    from localsearch.compress.weights import with_epsilon

    config = bert.config
    positions = getattr(config, "position_embedding_type", None) or "absolute"
    if positions != "absolute":
        raise ValueError(f"DistilBERT's positions are absolute, the source's are {positions}")
    distilbert = DistilBertModel(
        DistilBertConfig(
            vocab_size=config.vocab_size,
            max_position_embeddings=config.max_position_embeddings - first_position(bert),
            n_layers=config.num_hidden_layers,
            n_heads=config.num_attention_heads,
            dim=config.hidden_size,
            hidden_dim=config.intermediate_size,
            activation=config.hidden_act,
            layer_norm_eps=config.layer_norm_eps,
            pad_token_id=config.pad_token_id,
            attn_implementation="eager",
        )
    )
    distilbert.load_state_dict(distilbert_weights(bert))  # strict: every weight must be there, and no other
    return with_epsilon(distilbert).eval()


def first_position(bert: BertModel | PreTrainedModel) -> int:
    """The row of the position embeddings that a text's first token gets."""
    return int(bert.config.pad_token_id) + 1 if bert.config.model_type in ("roberta", "xlm-roberta", "camembert") else 0


def distilbert_weights(bert: BertModel | PreTrainedModel) -> dict[str, Tensor]:
    """BERT's weights under DistilBERT's names, the token type folded in, the pooler left out."""
    weights = bert.state_dict()
    converted = {
        "embeddings.word_embeddings.weight": weights["embeddings.word_embeddings.weight"],
        "embeddings.position_embeddings.weight": (
            weights["embeddings.position_embeddings.weight"][first_position(bert) :]  # (positions, dim)
            + weights["embeddings.token_type_embeddings.weight"][0]  # (dim,)
        ),
    }
    for part in ("weight", "bias"):
        converted[f"embeddings.LayerNorm.{part}"] = weights[f"embeddings.LayerNorm.{part}"]
        for layer in range(bert.config.num_hidden_layers):
            for old, new in _LAYER_NAMES.items():
                converted[f"transformer.layer.{layer}.{new}.{part}"] = weights[f"encoder.layer.{layer}.{old}.{part}"]
    return converted
