"""The weights of an encoder in torch: the file in its folder that pruning, distilling and quantising start from.

`weights.safetensors` is one file that describes itself: the tensors under the names of transformers, and in its
metadata the configuration as JSON. What runs never reads it; the card lists it like any other file.
"""

from __future__ import annotations

import errno
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from localsearch.compress.extra import need_extra
from localsearch.encoder.card import CARD, Pooling, read_card, read_verified
from localsearch.errors import EncoderError

if TYPE_CHECKING:
    from torch import Tensor, nn
    from transformers import DistilBertModel, MPNetModel

    Backbone: TypeAlias = DistilBertModel | MPNetModel

WEIGHTS = "weights.safetensors"
_DENSE = "dense."
"""Prefix of the projection's tensors; all others are the model's."""


@dataclass(frozen=True, slots=True)
class TorchEncoder:
    """What is between the token ids of a text and its vector."""

    model: Backbone
    """float32, in evaluation mode. (batch, tokens) -> `last_hidden_state` (batch, tokens, hidden)."""
    pooling: Pooling = Pooling.MEAN
    dense: nn.Sequential | None = None
    """Linear and activation, (batch, hidden) -> (batch, dim), after pooling; None when the pooled vector is it."""

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.dense[0].out_features if self.dense is not None else self.model.config.hidden_size)


def load_torch(folder: Path) -> TorchEncoder:
    """The encoder of `folder` in torch. Every call gives weights of its own.

    The default encoder's come from the package of the original, whose SHA-256 is checked.
    Raises MissingExtra without torch, or without that package; EncoderError when the folder keeps no weights.
    """
    need_extra()
    card = read_card(folder)
    if any(file.name == WEIGHTS for file in card.files):
        return _decoded(read_verified(folder, card, WEIGHTS), folder / WEIGHTS, card.pooling)
    from localsearch.compress.source import PACKAGE, find_source

    if str(_source(folder).get("package", "")).startswith(f"{PACKAGE}=="):
        from localsearch.compress.default import load_original

        return TorchEncoder(load_original(find_source()), card.pooling)
    raise EncoderError(
        f"The encoder at {folder} keeps no {WEIGHTS} to start from.",
        hint="Import the original again: localsearch model import FOLDER.",
    )


def save_torch(encoder: TorchEncoder, folder: Path) -> None:
    """Write `weights.safetensors`; the card has to be written after it. Raises OSError."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    tensors = {name: _own(tensor) for name, tensor in encoder.model.state_dict().items()}
    metadata = {"format": "pt", "config": json.dumps(encoder.model.config.to_dict(), default=str)}
    if encoder.dense is not None:
        tensors |= {f"{_DENSE}{name}": _own(tensor) for name, tensor in encoder.dense.state_dict().items()}
        metadata["activation"] = type(encoder.dense[1]).__name__
    try:
        save_file(tensors, folder / WEIGHTS, metadata=metadata)
    except SafetensorError as error:  # it has the system's number in its text alone
        number = re.search(r"os error (\d+)", str(error))
        code = int(number[1]) if number else errno.EIO
        raise OSError(code, os.strerror(code), str(folder / WEIGHTS)) from None


def _own(tensor: Tensor) -> Tensor:
    """A tensor that shares its memory with no other, as the file format wants it."""
    return tensor.detach().clone().contiguous()


def _source(folder: Path) -> dict[str, Any]:
    """What the card says of the original weights."""
    found = json.loads((folder / CARD).read_text(encoding="utf-8")).get("source")
    return found if isinstance(found, dict) else {}


def _decoded(content: bytes, path: Path, pooling: Pooling) -> TorchEncoder:
    """Raises EncoderError when the file is of another kind."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    from localsearch.compress.shapes import fit_shapes

    try:
        metadata = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
        tensors = load(content)
        model = empty_model(json.loads(metadata["config"]))
        fit_shapes(model, tensors)
        model.load_state_dict({name: value for name, value in tensors.items() if not name.startswith(_DENSE)})
        dense = None
        if "activation" in metadata:
            weights = {name.removeprefix(_DENSE): value for name, value in tensors.items() if name.startswith(_DENSE)}
            dense = dense_layer(weights["0.weight"], weights.get("0.bias"), metadata["activation"])
    except (ValueError, KeyError, RuntimeError, SafetensorError) as error:
        reason = str(error).split("\n", 1)[0]
        raise EncoderError(f"The weights {path} cannot be used: {reason}.") from None
    return TorchEncoder(model.eval(), pooling, dense)


def empty_model(config: dict[str, Any]) -> Backbone:
    """A model of this configuration with weights still to be filled in. Raises ValueError for other architectures."""
    from transformers import DistilBertConfig, DistilBertModel, MPNetConfig, MPNetModel

    match config.get("model_type"):
        case "distilbert":
            return with_epsilon(DistilBertModel._from_config(DistilBertConfig(**config), attn_implementation="eager"))
        case "mpnet":
            return MPNetModel(MPNetConfig(**config), add_pooling_layer=False)
        case other:
            raise ValueError(f"the architecture is {other!r}, not distilbert or mpnet")


def with_epsilon(model: DistilBertModel) -> DistilBertModel:
    """The layer norms with the epsilon that the configuration names: RoBERTa's is not the one in DistilBERT's code."""
    from torch import nn

    for module in model.modules():
        if isinstance(module, nn.LayerNorm):
            module.eps = getattr(model.config, "layer_norm_eps", module.eps)
    return model


def dense_layer(weight: Tensor, bias: Tensor | None, activation: str) -> nn.Sequential:
    """Linear with these weights, then Tanh or nothing. Raises ValueError for another activation."""
    from torch import nn

    if activation not in ("Tanh", "Identity"):
        raise ValueError(f"the projection's activation is {activation}, not Tanh or Identity")
    linear = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    linear.load_state_dict({"weight": weight} | ({} if bias is None else {"bias": bias}))
    return nn.Sequential(linear, nn.Tanh() if activation == "Tanh" else nn.Identity()).eval()
