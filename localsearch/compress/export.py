"""DistilBERT to one ONNX file whose graph also pools and normalises.

Attention is written as one operator of onnxruntime (MultiHeadAttention), which saves a fifth of the time of the six
operators it stands for. The graph has no attention mask: the encoder runs one text at a time, so there is no padding.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor, nn

from localsearch.encoder.card import Pooling

if TYPE_CHECKING:
    from onnx import ModelProto
    from transformers import DistilBertModel

OPSET = 20
"""ONNX operator set: the first with GELU as one operator."""


class FusedAttention(nn.Module):
    """DistilBERT's self-attention, its scores and weighted sum given to one operator."""

    def __init__(self, attention: nn.Module) -> None:
        super().__init__()
        self.q_lin, self.k_lin, self.v_lin = attention.q_lin, attention.k_lin, attention.v_lin
        self.out_lin = attention.out_lin
        self.heads: int = attention.n_heads

    def forward(self, hidden: Tensor, attention_mask: None = None) -> tuple[Tensor, None]:
        """(batch, tokens, dim) -> the same; the second value is where DistilBERT expects attention weights."""
        import torch

        mixed = torch.onnx.ops.symbolic(
            "com.microsoft::MultiHeadAttention",
            [self.q_lin(hidden), self.k_lin(hidden), self.v_lin(hidden)],
            attrs={"num_heads": self.heads},
            dtype=hidden.dtype,
            shape=hidden.shape,
            version=1,
        )
        return self.out_lin(mixed), None


class SentenceGraph(nn.Module):
    """What is exported: token ids in, one unit vector per text and the vectors of its tokens out."""

    def __init__(self, model: DistilBertModel, pooling: Pooling) -> None:
        super().__init__()
        self.embeddings = model.embeddings
        self.layers = model.transformer.layer
        self.pooling = pooling

    def forward(self, input_ids: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.embeddings(input_ids)  # (batch, tokens, dim)
        for layer in self.layers:
            hidden = layer(hidden)
        pooled = hidden[:, 0] if self.pooling is Pooling.CLS else hidden.mean(dim=1)  # (batch, dim)
        return nn.functional.normalize(pooled, p=2.0, dim=1), hidden


def fuse_attention(model: DistilBertModel) -> None:
    """Replace every self-attention in `model`, wherever it stands, by `FusedAttention`."""
    from transformers.models.distilbert.modeling_distilbert import DistilBertSelfAttention

    for name, module in list(model.named_modules()):
        if isinstance(module, DistilBertSelfAttention):
            model.set_submodule(name, FusedAttention(module))


def export(model: DistilBertModel, path: Path, *, pooling: Pooling) -> None:
    """Write `model` in float32 to `path`: for texts of one length at a time, of any number of tokens.

    The model's attention is replaced on the way; it cannot be run in torch afterwards.
    """
    import onnx
    import torch

    fuse_attention(model)
    free = {0: torch.export.Dim("batch"), 1: torch.export.Dim("tokens", max=model.config.max_position_embeddings)}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # not: torchvision is not installed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        program = torch.onnx.export(
            SentenceGraph(model, pooling).eval(),
            (torch.ones((2, 8), dtype=torch.int64),),
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
