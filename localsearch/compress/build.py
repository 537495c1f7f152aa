"""From an encoder in torch to encoder folders: outliers evened out -> ONNX in float32 -> ONNX in int8."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.compress.folder import write_card, write_tokenizer
from localsearch.encoder.card import MODEL

if TYPE_CHECKING:
    from localsearch.compress.weights import Backbone, TorchEncoder


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
    query_prefix: str = ""
    passage_prefix: str = ""


def build(
    model: Backbone | TorchEncoder,
    tokenizer: Path,
    about: About,
    *,
    exact: Path,
    small: Path,
    keep_weights: bool = True,
) -> None:
    """Write `model` as two encoder folders, float32 to `exact` and int8 to `small`.

    A bare model is one whose token vectors are averaged. `tokenizer` is a folder with tokenizer.json. The model is
    changed and cannot be run in torch afterwards. `keep_weights`: put weights.safetensors into `small`, so that
    `load_torch` can start from it.
    """
    from localsearch.compress.balance import balance
    from localsearch.compress.export import export
    from localsearch.compress.quantize import quantize
    from localsearch.compress.weights import TorchEncoder, save_torch

    encoder = model if isinstance(model, TorchEncoder) else TorchEncoder(model)
    for folder in (exact, small):
        folder.mkdir()
        (folder / "NOTICE").write_text(about.notice, encoding="utf-8")
        write_tokenizer(tokenizer, folder)
    if keep_weights:
        save_torch(encoder, small)
    balance(encoder.model)
    export(encoder, exact / MODEL)
    quantize(exact / MODEL, small / MODEL)
    write_card(exact, facts(encoder, about, "float32"))
    write_card(small, facts(encoder, about, "int8"))


def facts(model: Backbone | TorchEncoder, about: About, dtype: str) -> dict[str, Any]:
    """The part of a card that needs no measuring. `heads` is a list where layers have different numbers of them."""
    from localsearch.compress.shapes import heads_of
    from localsearch.compress.weights import TorchEncoder

    encoder = model if isinstance(model, TorchEncoder) else TorchEncoder(model)
    config, heads = encoder.model.config, heads_of(encoder.model)
    return {
        "name": f"{about.name}-{dtype}",
        "architecture": type(encoder.model).__name__,
        "dim": encoder.dim,
        "layers": config.num_hidden_layers,
        "heads": heads[0] if len(set(heads)) == 1 else heads,
        "vocabulary": config.vocab_size,
        "max_tokens": about.max_tokens,
        "pooling": encoder.pooling,
        **({} if encoder.dense is None else {"dense": f"{config.hidden_size} to {encoder.dim}, inside the graph"}),
        "normalised": True,
        "query_prefix": about.query_prefix,
        "passage_prefix": about.passage_prefix,
        "dtype": dtype,
        "licence": about.licence,
        "origin": about.origin,
        "command": about.command,
    }
