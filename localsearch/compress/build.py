"""From a DistilBERT in torch to encoder folders: outliers evened out -> ONNX in float32 -> ONNX in int8."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.compress.folder import write_card, write_tokenizer
from localsearch.encoder.card import MODEL, Pooling

if TYPE_CHECKING:
    from transformers import DistilBertModel


@dataclass(frozen=True, slots=True)
class About:
    """What a card says that the weights do not."""

    name: str
    licence: str
    origin: str
    notice: str
    """Text of the file NOTICE: whose work it is, and what was changed."""
    max_tokens: int
    command: str
    """That makes the encoder again."""


def build(
    model: DistilBertModel, tokenizer: Path, about: About, *, exact: Path, small: Path, keep_weights: bool = True
) -> None:
    """Write `model` as two encoder folders, float32 to `exact` and int8 to `small`.

    `tokenizer` is a folder with tokenizer.json. The model is changed and cannot be run in torch afterwards.
    `keep_weights`: put weights.safetensors into `small`, so that `load_torch` can start from it.
    """
    from localsearch.compress.balance import balance
    from localsearch.compress.export import export
    from localsearch.compress.quantize import quantize
    from localsearch.compress.weights import TorchEncoder, save_torch

    for folder in (exact, small):
        folder.mkdir()
        (folder / "NOTICE").write_text(about.notice, encoding="utf-8")
        write_tokenizer(tokenizer, folder)
    if keep_weights:
        save_torch(TorchEncoder(model, Pooling.MEAN), small)
    balance(model)
    export(model, exact / MODEL, pooling=Pooling.MEAN)
    quantize(exact / MODEL, small / MODEL)
    write_card(exact, facts(model, about, "float32"))
    write_card(small, facts(model, about, "int8"))


def facts(model: DistilBertModel, about: About, dtype: str) -> dict[str, Any]:
    """The part of a card that needs no measuring."""
    config = model.config
    return {
        "name": f"{about.name}-{dtype}",
        "architecture": type(model).__name__,
        "dim": config.dim,
        "layers": config.n_layers,
        "heads": config.n_heads,
        "vocabulary": config.vocab_size,
        "max_tokens": about.max_tokens,
        "pooling": Pooling.MEAN,
        "normalised": True,
        "query_prefix": "",
        "passage_prefix": "",
        "dtype": dtype,
        "licence": about.licence,
        "origin": about.origin,
        "command": about.command,
    }
