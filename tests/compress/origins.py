"""Folders as sentence-transformers and Hugging Face publish them, with seeded weights and the tiny encoder's words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.conftest import TINY

WORDS = len(json.loads((TINY / "tokenizer.json").read_text())["model"]["vocab"])
SMALL = {
    "vocab_size": WORDS,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 130,
}
README = "---\nlanguage: en\nlicense: mit\n---\n# A model\n"


def plain(folder: Path, kind: str = "Bert", **config: Any) -> Path:
    """A Hugging Face folder: model, tokenizer, README."""
    import torch
    import transformers

    torch.manual_seed(11)
    options = {} if kind == "DistilBert" else {"add_pooling_layer": False}
    settings = getattr(transformers, f"{kind}Config")(**(SMALL | config))
    model = getattr(transformers, f"{kind}Model")(settings, **options).eval()
    noise = 0.1 * (SMALL["hidden_size"] / settings.hidden_size) ** 0.5  # wider ones would lose float32's last digits
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(2.0).add_(torch.randn_like(weights) * noise)
    model.save_pretrained(folder)
    shutil.copy(TINY / "tokenizer.json", folder)
    tokenizer = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 100, "pad_token": "[PAD]"}
    write(folder / "tokenizer_config.json", tokenizer)
    (folder / "README.md").write_text(README)
    return folder


def sentence(folder: Path, kind: str = "Bert", *, pooling: str = "mean_tokens", dense: int = 0, **config: Any) -> Path:
    """A sentence-transformers folder; `dense`: length of the vectors after a projection with Tanh."""
    plain(folder, kind, **config)
    names = ["Transformer", "Pooling", *(["Dense"] if dense else []), "Normalize"]
    paths = ["", *(f"{number}_{name}" for number, name in enumerate(names[1:], start=1))]
    types = [f"sentence_transformers.models.{name}" for name in names]
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": kind}
        for number, (path, kind) in enumerate(zip(paths, types, strict=True))
    ]
    write(folder / "modules.json", modules)
    write(folder / "sentence_bert_config.json", {"max_seq_length": 64, "do_lower_case": False})
    modes = {"word_embedding_dimension": 32, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": False}
    write(folder / "1_Pooling" / "config.json", modes | {f"pooling_mode_{pooling}": True})
    (folder / paths[-1]).mkdir()
    if dense:
        _write_dense(folder / paths[2], dense)
    return folder


def _write_dense(folder: Path, width: int) -> None:
    import torch
    from safetensors.torch import save_file

    activation = "torch.nn.modules.activation.Tanh"
    values = {"in_features": 32, "out_features": width, "bias": True, "activation_function": activation}
    write(folder / "config.json", values)
    tensors = {"linear.weight": torch.randn(width, 32), "linear.bias": torch.randn(width)}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def write(path: Path, values: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(values))


def change(path: Path, **entries: object) -> None:
    """Put these entries into a JSON file."""
    write(path, (json.loads(path.read_text()) if path.exists() else {}) | entries)
