"""From a folder of sentence-transformers or Hugging Face to an installed encoder, with the proof that it is the same.

look -> load -> DistilBERT or MPNet -> float32 ONNX -> the same vectors? -> int8 -> what does that cost? -> card
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.compress.acceptance import Tell, demand, judge
from localsearch.compress.extra import need_extra
from localsearch.compress.install import DONE, installing
from localsearch.compress.origin import SHARDS, WEIGHTS, Origin, activation_of, read_origin, refused
from localsearch.encoder.card import TOKENIZER, Pooling
from localsearch.encoder.onnx import Encoder
from localsearch.encoder.shelf import find_encoder
from localsearch.errors import EncoderError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from localsearch.compress.build import About
    from localsearch.compress.weights import Backbone, TorchEncoder
    from localsearch.evaluate import Dataset

LARGEST_DIFFERENCE = 1e-4
"""Between float32 and sentence-transformers, in any number of any vector."""
MOST_TOKENS = 512
"""Word pieces that an encoder reads of a text when its folder names no limit."""
_LICENCES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE", "NOTICE.txt")

NOTICE = """\
The encoder in this folder is a converted copy of the model {origin}, licence {licence}.

Changes made: {changes}. card.json says how and with what effect.
"""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user says that the folder does not, or says otherwise."""

    name: str
    licence: str = ""
    pooling: Pooling | None = None
    query_prefix: str | None = None
    passage_prefix: str | None = None
    max_tokens: int | None = None
    float32: bool = False
    """Leave the weights as they are instead of storing them in eight bits."""
    keep_weights: bool = True
    max_loss: float = 0.01
    """nDCG@10 that eight bits may cost on any collection."""
    sets: Mapping[str, Dataset] = field(default_factory=dict)
    """Judged collections to measure that on."""


def import_folder(folder: Path, wishes: Wishes, tell: Tell) -> Path:
    """Install the model in `folder` as an encoder; its new folder.

    Raises MissingExtra without torch; EncoderError when the folder cannot be imported, its vectors do not come out the
    same, or eight bits cost too much. Nothing is installed then.
    """
    origin = _with_wishes(read_origin(folder), wishes)
    need_extra()
    with installing(wishes.name) as place, _quiet():
        encoder, tokenizer = load(origin)
        about = _about(origin, wishes, encoder, tokenizer)
        from localsearch.compress.build import build, facts
        from localsearch.compress.default import versions
        from localsearch.compress.folder import write_card
        from localsearch.compress.weights import save_torch

        tell(f"{origin.architecture} as {type(encoder.model).__name__}, {encoder.dim} numbers a vector")
        source, exact, small = place / "source", place / "float32", place / "int8"
        source.mkdir()
        (source / TOKENIZER).write_text(tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
        (place / "kept").mkdir()
        if wishes.keep_weights:
            save_torch(encoder, place / "kept")
        told = facts(encoder, about, "float32")
        build(encoder, source, about, exact=exact, small=small, keep_weights=False)
        measured = _parity(origin, exact, about.max_tokens, tell)
        chosen, dtype = (exact, "float32") if wishes.float32 else (small, "int8")
        if not wishes.float32:
            verdict = judge(Encoder.load(exact), Encoder.load(small), wishes.sets, tell)
            demand(verdict, wishes.max_loss, hint="Import it with --float32, which keeps the weights as they are.")
            of_int8 = verdict.facts(dtype)
            measured["parity"] |= of_int8.pop("parity")
            measured |= of_int8
        for path in (place / "kept").iterdir():
            path.rename(chosen / path.name)
        named = {"name": f"{about.name}-{dtype}", "dtype": dtype, "source": _sealed(origin)}
        write_card(chosen, told | named | measured | {"versions": versions()})
        chosen.rename(place / DONE)
    return find_encoder(wishes.name)


@contextmanager
def _quiet() -> Iterator[None]:
    """transformers and sentence-transformers tell of progress and of each other's changes; the user asked for none."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _with_wishes(origin: Origin, wishes: Wishes) -> Origin:
    if origin.is_sentence_transformer and wishes.pooling not in (None, origin.pooling):
        raise refused(origin.folder, f"it pools by {origin.pooling}", hint="Leave --pooling out.")
    licence = wishes.licence or origin.licence
    if not licence:
        raise refused(origin.folder, "its README names no licence", hint="Name it: --licence Apache-2.0.")
    return replace(
        origin,
        licence=licence,
        pooling=wishes.pooling or origin.pooling,
        query_prefix=origin.query_prefix if wishes.query_prefix is None else wishes.query_prefix,
        passage_prefix=origin.passage_prefix if wishes.passage_prefix is None else wishes.passage_prefix,
        max_tokens=wishes.max_tokens or origin.max_tokens,
    )


# Loading


def load(origin: Origin) -> tuple[TorchEncoder, PreTrainedTokenizerFast]:
    """The model in one of the two architectures of the workshop, and its tokenizer."""
    from safetensors import SafetensorError
    from transformers import AutoTokenizer

    from localsearch.compress.weights import TorchEncoder

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            origin.transformer, local_files_only=True, trust_remote_code=False, use_fast=True
        )
        model = _model(origin)
        dense = _dense(origin.dense) if origin.dense else None
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise refused(origin.folder, str(error).strip().split("\n", 1)[0].rstrip(".")) from None
    if not getattr(tokenizer, "is_fast", False):
        raise refused(origin.folder, "its tokenizer has no tokenizer.json")
    return TorchEncoder(model, origin.pooling, dense), tokenizer


def _model(origin: Origin) -> Backbone:
    import torch
    import transformers

    from localsearch.compress.convert import to_distilbert
    from localsearch.compress.weights import with_epsilon

    kinds = {
        "bert": "BertModel",
        "roberta": "RobertaModel",
        "xlm-roberta": "XLMRobertaModel",
        "camembert": "CamembertModel",
        "mpnet": "MPNetModel",
        "distilbert": "DistilBertModel",
    }
    is_distilbert = origin.architecture == "distilbert"
    options: dict[str, Any] = {} if is_distilbert else {"add_pooling_layer": False}
    model: PreTrainedModel
    model, info = getattr(transformers, kinds[origin.architecture]).from_pretrained(
        origin.transformer,
        local_files_only=True,
        use_safetensors=True,
        dtype=torch.float32,
        output_loading_info=True,
        **options,
    )
    if info["missing_keys"]:
        raise ValueError(f"it lacks weights ({min(info['missing_keys'])})")
    model.eval()
    if origin.architecture == "mpnet":
        return model
    if is_distilbert:
        model.set_attn_implementation("eager")
        return with_epsilon(model)
    return to_distilbert(model)


def _dense(folder: Path) -> Any:
    from safetensors.torch import load_file

    from localsearch.compress.weights import dense_layer

    weights = load_file(folder / WEIGHTS)
    return dense_layer(weights["linear.weight"].float(), weights.get("linear.bias"), activation_of(folder))


# What the card says


def _about(origin: Origin, wishes: Wishes, encoder: TorchEncoder, tokenizer: PreTrainedTokenizerFast) -> About:
    from localsearch.compress.architecture import most_tokens
    from localsearch.compress.build import About

    most = most_tokens(encoder.model)
    limit = origin.max_tokens or min(int(tokenizer.model_max_length), MOST_TOKENS)
    if wishes.max_tokens and wishes.max_tokens > most:
        raise refused(origin.folder, f"it has positions for {most} word pieces", hint="Choose a smaller --max-tokens.")
    changes = "another container (ONNX) with pooling and normalisation inside"
    if origin.architecture not in ("distilbert", "mpnet"):
        changes = f"the architecture's names (to DistilBERT), {changes}"
    if not wishes.float32:
        changes += ", outlier channels rescaled, weights in 8 bits"
    name = origin.folder.resolve().name
    return About(
        name=wishes.name,
        licence=origin.licence,
        origin=name,
        notice=NOTICE.format(origin=name, licence=origin.licence, changes=changes) + _their_notices(origin.folder),
        max_tokens=min(limit, most),
        command=f"localsearch model import {name} --name {wishes.name}",
        query_prefix=origin.query_prefix,
        passage_prefix=origin.passage_prefix,
    )


def _their_notices(folder: Path) -> str:
    """Licence and notice files of the original, which go with every copy."""
    found = [folder / name for name in _LICENCES if (folder / name).is_file()]
    return "".join(f"\n{path.name}:\n\n{path.read_text('utf-8', 'replace')[: 1 << 17]}" for path in found)


def _parity(origin: Origin, exact: Path, max_tokens: int, tell: Tell) -> dict[str, Any]:
    """What the card says of it. Raises EncoderError when the vectors are not those of sentence-transformers."""
    from localsearch.compress.measure import largest_difference, original

    reference = original(origin.folder, None if origin.is_sentence_transformer else origin.pooling)
    difference = largest_difference(Encoder.load(exact), reference, max_tokens, origin.passage_prefix)
    tell(f"float32 differs from sentence-transformers by {difference:.1e} at most")
    if difference > LARGEST_DIFFERENCE:
        raise EncoderError(
            f"{origin.folder} is not imported: its vectors differ from those of sentence-transformers by"
            f" {difference:.1e}, more than {LARGEST_DIFFERENCE:.0e}."
        )
    return {"parity": {"float32_to_sentence_transformers": {"largest_difference": float(f"{difference:.1e}")}}}


def _sealed(origin: Origin) -> dict[str, Any]:
    """Which weights these were."""
    paths = [origin.transformer / WEIGHTS]
    if not paths[0].is_file():
        names = set(json.loads((origin.transformer / SHARDS).read_text("utf-8"))["weight_map"].values())
        paths = [origin.transformer / name for name in sorted(names)]
    if origin.dense:
        paths.append(origin.dense / WEIGHTS)
    return {"folder": origin.folder.resolve().name, "architecture": origin.architecture, "sha256": _digest(paths)}


def _digest(paths: list[Path]) -> dict[str, str]:
    found = {}
    for path in paths:
        with path.open("rb") as file:
            found[f"{path.parent.name}/{path.name}"] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
