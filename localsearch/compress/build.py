"""From an encoder in torch to encoder folders: outliers evened out -> ONNX in float32 -> ONNX in fewer bits.

All encoders are written here, whatever made them: licence notice, tokenizer, weights, model, card.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.compress.folder import write_card, write_tokenizer
from localsearch.compress.kinds import Kind, store
from localsearch.encoder.card import MODEL, read_card, read_facts, read_verified

if TYPE_CHECKING:
    from localsearch.compress.weights import Backbone, TorchEncoder


NOTICE = "NOTICE"
_CHANGED = """\
The encoder in this folder is made from {name} (licence: {licence}), changed further: {change}. card.json says
how and with what effect. The text that it was calibrated or trained on is not in this folder.
"""


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


def derived(parent: Path, name: str, change: str, command: str) -> About:
    """Of an encoder made from the one in the folder `parent` by some change; it reads texts as that one does."""
    card, known = read_card(parent), read_facts(parent)
    notice = _CHANGED.format(name=card.name, licence=card.licence, change=change)
    if any(file.name == NOTICE for file in card.files):
        notice += "\n" + read_verified(parent, card, NOTICE).decode("utf-8", "replace")
    return About(
        name=name,
        licence=card.licence,
        origin=str(known.get("origin", card.name)),
        notice=notice,
        max_tokens=card.max_tokens,
        command=command,
        query_prefix=card.query_prefix,
        passage_prefix=card.passage_prefix,
    )


def typed(
    *words: str,
    options: Mapping[str, str | float | None],
    texts: Iterable[Path] = (),
    collections: Iterable[str] = (),
    last: tuple[str, str],
) -> str:
    """The command as it would be typed, without the folders of this machine: the card goes wherever the encoder goes.

    Options that are None are left out; `last` is the one that names the new encoder.
    """
    said = ["localsearch", "model", *words]
    for option, value in options.items():
        said += [] if value is None else [option, f"{value:g}" if isinstance(value, float) else str(value)]
    for path in texts:
        said += ["--text", path.resolve().name]
    for name in collections:
        said += ["--beir", name]
    return shlex.join([*said, *last])


def build(
    model: Backbone | TorchEncoder,
    tokenizer: Path,
    about: About,
    *,
    exact: Path,
    small: Path,
    kind: Kind = Kind.INT8,
    keep_weights: bool = True,
) -> None:
    """Write `model` as two encoder folders, float32 to `exact` and stored as `kind` to `small`.

    A bare model is one whose token vectors are averaged. `tokenizer` is a folder with tokenizer.json. The model is
    changed and cannot be run in torch afterwards. `keep_weights`: put weights.safetensors into `small`, so that
    `load_torch` can start from it.
    """
    from localsearch.compress.balance import balance
    from localsearch.compress.export import export
    from localsearch.compress.weights import TorchEncoder, save_torch

    encoder = model if isinstance(model, TorchEncoder) else TorchEncoder(model)
    for folder in (exact, small):
        folder.mkdir()
        (folder / NOTICE).write_text(about.notice, encoding="utf-8")
        write_tokenizer(tokenizer, folder)
    if keep_weights:
        save_torch(encoder, small)
    if kind.evens_outliers:
        balance(encoder.model)
    export(encoder, exact / MODEL)
    store(kind, exact / MODEL, small / MODEL)
    write_card(exact, facts(encoder, about, "float32"))
    write_card(small, facts(encoder, about, kind.value))


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
