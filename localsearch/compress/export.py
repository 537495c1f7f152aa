"""DistilBERT or MPNet to one ONNX file whose graph also pools and normalises.

Attention is written as one operator of onnxruntime (MultiHeadAttention), which saves a fifth of the time of the six
operators it stands for. The graph has no attention mask: the encoder runs one text at a time, so there is no padding.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from localsearch.compress.architecture import layers_of, most_tokens
from localsearch.encoder.card import Pooling

if TYPE_CHECKING:
    from onnx import ModelProto

    from localsearch.compress.weights import Backbone, TorchEncoder

OPSET = 20
"""ONNX operator set: the first with GELU as one operator."""


class FusedAttention(nn.Module):
    """Self-attention, its scores and weighted sum given to one operator."""

    def __init__(self, query: nn.Linear, key: nn.Linear, value: nn.Linear, out: nn.Linear, heads: int) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = query, key, value, out
        self.heads = heads

    def forward(
        self, hidden: Tensor, attention_mask: None = None, position_bias: Tensor | None = None, **_: Any
    ) -> tuple[Tensor, None]:
        """(batch, tokens, dim) -> the same; the second value is where the layers expect attention weights.

        `position_bias`: (1, heads, tokens, tokens), added to the scores.
        """
        import torch

        inputs = [self.query(hidden), self.key(hidden), self.value(hidden)]
        mixed = torch.onnx.ops.symbolic(
            "com.microsoft::MultiHeadAttention",
            inputs if position_bias is None else [*inputs, None, None, position_bias],
            attrs={"num_heads": self.heads},
            dtype=hidden.dtype,
            shape=(*hidden.shape[:2], self.value.out_features),  # fewer heads than the model's width has room for
            version=1,
        )
        return self.out(mixed), None


class SentenceGraph(nn.Module):
    """What is exported: token ids in, one unit vector per text and the vectors of its tokens out."""

    def __init__(self, encoder: TorchEncoder) -> None:
        super().__init__()
        model = encoder.model
        self.embeddings = model.embeddings
        self.layers = layers_of(model)
        self.relative = model.encoder if model.config.model_type == "mpnet" else None
        self.pooling = encoder.pooling
        self.dense = encoder.dense

    def forward(self, input_ids: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.embeddings(input_ids)  # (batch, tokens, hidden)
        if self.relative is None:
            for layer in self.layers:
                hidden = layer(hidden)
        else:
            bias = self.relative.compute_position_bias(hidden[:1])  # (1, heads, tokens, tokens)
            for layer in self.layers:
                hidden = layer(hidden, None, bias)[0]
        pooled = hidden[:, 0] if self.pooling is Pooling.CLS else hidden.mean(dim=1)  # (batch, hidden)
        vector = pooled if self.dense is None else self.dense(pooled)  # (batch, dim)
        return nn.functional.normalize(vector, p=2.0, dim=1), hidden


def fuse_attention(model: Backbone) -> None:
    """Replace every self-attention in `model`, wherever it stands, by `FusedAttention`."""
    from transformers.models.distilbert.modeling_distilbert import DistilBertSelfAttention
    from transformers.models.mpnet.modeling_mpnet import MPNetSelfAttention

    for name, module in list(model.named_modules()):
        if isinstance(module, DistilBertSelfAttention):
            parts = (module.q_lin, module.k_lin, module.v_lin, module.out_lin, module.n_heads)
        elif isinstance(module, MPNetSelfAttention):
            parts = (module.q, module.k, module.v, module.o, module.num_attention_heads)
        else:
            continue
        model.set_submodule(name, FusedAttention(*parts))


def export(encoder: TorchEncoder, path: Path) -> None:
    """Write `encoder` in float32 to `path`: for texts of one length at a time, of any number of tokens.

    The model's attention is replaced on the way; it cannot be run in torch afterwards.
    """
    import onnx
    import torch

    fuse_attention(encoder.model)
    free = {0: torch.export.Dim("batch"), 1: torch.export.Dim("tokens", max=most_tokens(encoder.model))}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # not: torchvision is not installed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        program = torch.onnx.export(
            SentenceGraph(encoder).eval(),
            (torch.full((2, 8), 5, dtype=torch.int64),),
            input_names=["input_ids"],
            output_names=["sentence_embedding", "token_embeddings"],
            dynamic_shapes=(free,),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    proto = program.model_proto
    strip(proto)
    onnx.save(proto, path)


def strip(proto: ModelProto) -> None:
    """Drop what the exporter notes about its own run: stack traces with paths of this machine, and their like."""
    proto.doc_string = ""
    del proto.metadata_props[:]
    graph = proto.graph
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    del graph.value_info[:]
