"""A folder of sentence-transformers or Hugging Face: is it one that can become an encoder, and what does it say?

Nothing is loaded before everything was looked at. Weights come from safetensors alone: a pickle can carry code, and so
can a folder that names classes of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localsearch.encoder.card import Pooling
from localsearch.errors import EncoderError

ARCHITECTURES = ("bert", "distilbert", "roberta", "xlm-roberta", "camembert", "mpnet")
"""Of `model_type` in config.json. MiniLM is a BERT, or an XLM-R."""
ACTIVATIONS = {"Tanh": "Tanh", "Identity": "Identity"}
WEIGHTS = "model.safetensors"
SHARDS = "model.safetensors.index.json"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".h5", ".msgpack")
_MODES = {Pooling.MEAN: "pooling_mode_mean_tokens", Pooling.CLS: "pooling_mode_cls_token"}
_SENTENCE_CONFIGS = ("sentence_bert_config.json", "sentence_distilbert_config.json", "sentence_roberta_config.json")
"""What sentence-transformers keeps beside config.json, under the names of its versions."""
_CHAIN = re.compile(r"Transformer Pooling( Dense)?( Normalize)?")
_LICENCE = re.compile(r"(?m)^licen[sc]e:[ \t]*[\"']?([^\"'\n]+?)[\"']?[ \t]*$")
LARGEST = 1 << 22
"""Bytes of a JSON file that is read here; tokenizers are larger, and are read elsewhere."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a folder says of the model in it."""

    folder: Path
    transformer: Path
    """The folder with config.json and the weights; may be the same."""
    architecture: str
    pooling: Pooling
    is_sentence_transformer: bool
    dense: Path | None
    """The folder of the projection after pooling."""
    max_tokens: int | None
    """Word pieces of a text, special ones included; None when the folder leaves it to the tokenizer."""
    query_prefix: str
    passage_prefix: str
    licence: str
    """As the README's header names it; empty when it does not."""


def read_origin(folder: Path) -> Origin:
    """Raises EncoderError, in one line that says why, when the folder cannot be imported."""
    if not folder.is_dir():
        raise EncoderError(f"There is no folder {folder}.", hint="Name the folder of a model.")
    modules = _modules(folder)
    transformer = _inside(folder, modules["Transformer"]) if modules else folder
    config = _read(transformer / "config.json", folder)
    _refuse_code(folder, config, "config.json")
    for name in ("tokenizer_config.json", *_SENTENCE_CONFIGS):
        _refuse_code(folder, _read_if_there(transformer / name), name)
    architecture = str(config.get("model_type"))
    if architecture not in ARCHITECTURES:
        raise refused(folder, f"its architecture is {architecture}", hint=f"These can be: {', '.join(ARCHITECTURES)}.")
    if config.get("is_decoder"):
        raise refused(folder, "it is a decoder")
    _need_safetensors(transformer, folder)
    pooling_folder = modules.get("Pooling")
    dense = _inside(folder, modules["Dense"]) if "Dense" in modules else None
    if dense is not None:
        _check_dense(dense, folder)
    prompts = _read_if_there(folder / "config_sentence_transformers.json")
    return Origin(
        folder=folder,
        transformer=transformer,
        architecture=architecture,
        pooling=_pooling(_inside(folder, pooling_folder), folder) if pooling_folder is not None else Pooling.MEAN,
        is_sentence_transformer=bool(modules),
        dense=dense,
        max_tokens=_max_tokens(transformer),
        query_prefix=_prompt(prompts, "query"),
        passage_prefix=_prompt(prompts, "document", "passage", "corpus"),
        licence=_licence(folder / "README.md"),
    )


def refused(folder: Path, reason: str, *, hint: str = "") -> EncoderError:
    return EncoderError(f"{folder} is not imported: {reason}.", hint=hint)


def _modules(folder: Path) -> dict[str, str]:
    """Path of each module of a sentence-transformers folder by its kind; empty for a plain Hugging Face folder."""
    path = folder / "modules.json"
    if not path.exists():
        return {}
    entries = _json(path, folder)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise refused(folder, "modules.json is no list of modules")
    kinds = [str(entry.get("type")) for entry in entries]
    strange = [kind for kind in kinds if not kind.startswith("sentence_transformers.")]
    if strange:
        raise refused(folder, f"it asks for code of its own ({strange[0]} in modules.json)")
    names = [kind.rpartition(".")[2] for kind in kinds]
    if _CHAIN.fullmatch(" ".join(names)) is None:
        raise refused(
            folder, f"its modules are {', '.join(names)}", hint="They can be Transformer, Pooling, Dense, Normalize."
        )
    return {name: str(entry.get("path", "")) for name, entry in zip(names, entries, strict=True)}


def _inside(folder: Path, name: str) -> Path:
    """A folder that modules.json names. Raises EncoderError when it is not inside the model's folder."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise refused(folder, f"modules.json names a folder outside of it ({name})")
    return path


def _need_safetensors(place: Path, folder: Path) -> None:
    if (place / WEIGHTS).is_file():
        return
    if (place / SHARDS).is_file():
        parts = _read(place / SHARDS, folder).get("weight_map", {})
        if isinstance(parts, dict) and all(
            "/" not in name and name.endswith(".safetensors") for name in parts.values()
        ):
            return
    found = sorted(path.name for path in place.iterdir() if path.is_file()) if place.is_dir() else []
    pickles = [name for name in found if name.endswith(_PICKLES)]
    outside = [name for name in found if name.endswith((".onnx_data", ".onnx.data", ".data"))]
    if pickles:
        raise refused(
            folder,
            f"it keeps its weights in {pickles[0]}, a format that can carry code",
            hint=f"Only {WEIGHTS} is read; most models are published with it too.",
        )
    if outside:
        raise refused(
            folder, f"it keeps its weights in {outside[0]}, outside its model", hint=f"Only {WEIGHTS} is read."
        )
    raise refused(folder, f"{place / WEIGHTS} is not there")


def _check_dense(dense: Path, folder: Path) -> None:
    config = _read(dense / "config.json", folder)
    activation = str(config.get("activation_function")).rpartition(".")[2]
    if activation not in ACTIVATIONS:
        raise refused(folder, f"the activation of its projection is {activation}", hint="It can be Tanh or Identity.")
    if config.get("use_residual") or config.get("module_input_name", "sentence_embedding") != "sentence_embedding":
        raise refused(folder, "its projection is more than one matrix after pooling")
    _need_safetensors(dense, folder)


def activation_of(dense: Path) -> str:
    """`Tanh` or `Identity`."""
    return str(_read(dense / "config.json", dense).get("activation_function")).rpartition(".")[2]


def _pooling(place: Path, folder: Path) -> Pooling:
    config = _read(place / "config.json", folder)
    modes = config.get("pooling_mode")
    if modes is None:
        old = {key: key.removeprefix("pooling_mode_") for key in config if key.startswith("pooling_mode_")}
        modes = [name for key, name in old.items() if config[key]]
    chosen = [str(mode).removesuffix("_token").removesuffix("_tokens") for mode in _listed(modes)]
    if len(chosen) != 1 or chosen[0] not in set(Pooling) or config.get("include_prompt", True) is not True:
        raise refused(folder, f"it pools by {' and '.join(chosen) or 'nothing'}", hint="It can be mean or cls.")
    return Pooling(chosen[0])


def _listed(modes: object) -> Sequence[object]:
    return modes if isinstance(modes, list) else [modes]


def _max_tokens(transformer: Path) -> int | None:
    for name in _SENTENCE_CONFIGS:
        value = _read_if_there(transformer / name).get("max_seq_length")
        if isinstance(value, int) and value > 0:
            return value
    return None


def _prompt(config: Mapping[str, Any], *names: str) -> str:
    """What sentence-transformers puts before a query or a passage."""
    prompts = config.get("prompts")
    if not isinstance(prompts, dict):
        return ""
    chosen = next((name for name in names if prompts.get(name)), config.get("default_prompt_name"))
    return str(prompts.get(chosen) or "")


def _licence(readme: Path) -> str:
    """From the header between two lines of dashes."""
    try:
        with readme.open(encoding="utf-8", errors="replace") as file:
            parts = file.read(1 << 16).split("---", 2)
    except OSError:
        return ""
    found = _LICENCE.search(parts[1]) if len(parts) == 3 and not parts[0].strip() else None
    return found[1].strip() if found else ""


def _refuse_code(folder: Path, config: Mapping[str, Any], name: str) -> None:
    if config.get("auto_map"):
        raise refused(folder, f"it asks for code of its own (auto_map in {name})")
    inner = [value for value in config.values() if isinstance(value, dict)]  # such as model_args
    if any(options.get("trust_remote_code") for options in (config, *inner)):
        raise refused(folder, f"it asks for code of its own (trust_remote_code in {name})")


def _read(path: Path, folder: Path) -> dict[str, Any]:
    values = _json(path, folder)
    if not isinstance(values, dict):
        raise refused(folder, f"{path.name} is no object")
    return values


def _read_if_there(path: Path) -> dict[str, Any]:
    return _read(path, path.parent) if path.exists() else {}


def _json(path: Path, folder: Path) -> Any:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError("it is too large")
        return json.loads(content)
    except OSError as error:
        raise refused(
            folder, f"{path.name}: {error.strerror}", hint="Name the folder that holds config.json."
        ) from None
    except (ValueError, RecursionError) as error:
        raise refused(folder, f"{path.name} is not JSON: {str(error).splitlines()[0]}") from None
