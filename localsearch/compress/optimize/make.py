"""One candidate as an encoder folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.compress.acceptance import Tell
from localsearch.compress.build import About, facts
from localsearch.compress.kinds import Kind, store
from localsearch.compress.optimize.candidates import AS_IT_IS, Candidate, Cut
from localsearch.encoder.card import MODEL, TOKENIZER, read_card, read_facts, read_verified
from localsearch.errors import EncoderError

if TYPE_CHECKING:
    from localsearch.compress.distill.run import Request
    from localsearch.compress.distill.train import Training
    from localsearch.compress.optimize.reading import Reading

NOTICE = "NOTICE"


@dataclass(frozen=True, slots=True)
class TrainingLimits:
    """What the trained candidates may cost."""

    texts: tuple[Path, ...]
    """Folders of documents, single documents, `.txt` or `.jsonl` files."""
    steps: int
    seconds: float | None = None
    """For each trained candidate."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What every candidate is made from."""

    start: Path
    name: str
    """Of the encoder that is to come out."""
    reading: Reading
    limits: TrainingLimits | None
    unseen: frozenset[int]
    """Rows of words that are measured on, so that none is trained on text with them."""
    place: Path
    """Where the candidates are made."""
    command: str
    made: dict[tuple[Cut, Kind | None], Path] = field(default_factory=dict)
    """Folders of what was made untrained already."""


def make(candidate: Candidate, setup: Setup, tell: Tell) -> Path:
    """The encoder folder of `candidate`. Raises EncoderError where this start cannot be made so."""
    if candidate == AS_IT_IS:
        return setup.start
    if candidate.trained:
        return _train(candidate, setup, tell)
    key = (candidate.cut, candidate.kind)
    if key not in setup.made:
        folder = setup.place / f"candidate-{len(setup.made)}"
        _write(candidate, setup, folder)
        setup.made[key] = folder
    return setup.made[key]


def _write(candidate: Candidate, setup: Setup, folder: Path) -> None:
    from localsearch.compress.balance import balance
    from localsearch.compress.export import export
    from localsearch.compress.folder import write_card, write_tokenizer
    from localsearch.compress.optimize.shrink import shrink
    from localsearch.compress.weights import load_torch, save_torch

    kind = candidate.kind or Kind.INT8
    card, exact = read_card(setup.start), folder.with_name(f"{folder.name}-exact")
    folder.mkdir()
    exact.mkdir()
    encoder = load_torch(setup.start)
    shrink(encoder, candidate.cut, setup.reading, card, tokenizers=(setup.start, folder))
    write_tokenizer(folder, folder)
    shutil.copyfile(folder / TOKENIZER, exact / TOKENIZER)
    about = _about(candidate, setup)
    (folder / NOTICE).write_text(about.notice, encoding="utf-8")
    save_torch(encoder, folder)
    told = facts(encoder, about, kind.value) | {"name": f"{candidate.name} of {card.name}"}
    if kind.evens_outliers:
        balance(encoder.model)
    export(encoder, exact / MODEL)
    store(kind, exact / MODEL, folder / MODEL)
    shutil.rmtree(exact)
    write_card(folder, told)


def _about(candidate: Candidate, setup: Setup) -> About:
    card, old = read_card(setup.start), read_facts(setup.start)
    notice = ""
    if any(file.name == NOTICE for file in card.files):
        notice = read_verified(setup.start, card, NOTICE).decode("utf-8", "replace") + "\n"
    return About(
        name=setup.name,
        licence=card.licence,
        origin=str(old.get("origin", card.name)),
        notice=f"{notice}Made from {card.name}, licence {card.licence}; changed further: {candidate.what}.\n",
        max_tokens=card.max_tokens,
        command=setup.command,
        query_prefix=card.query_prefix,
        passage_prefix=card.passage_prefix,
    )


def _train(candidate: Candidate, setup: Setup, tell: Tell) -> Path:
    """The same candidate untrained, then taught by the start: the recipe `fast`, in the steps that are allowed."""
    from localsearch.compress.distill.publish import publish
    from localsearch.compress.distill.run import distilling

    begins = make(replace(candidate, trained=False), setup, tell)
    folder = setup.place / f"{begins.name}-trained"
    with distilling(_request(setup, folder, begins), tell) as done:
        done.train(lambda training: _tell_look(candidate, training, tell))
        publish(done, setup.command)
    return folder


def _tell_look(candidate: Candidate, training: Training, tell: Tell) -> None:
    look = training.looks[-1]
    if look.step == training.step:
        held_out = f"held out: cosine {look.cosine:.3f}, overlap {look.overlap:.3f}"
        tell(f"{candidate.name}: step {training.step:,} of {training.last_step:,}, {held_out}")


def _request(setup: Setup, folder: Path, begins: Path) -> Request:
    from localsearch.compress.distill.run import Request
    from localsearch.compress.recipes.fast import FAST

    limits = setup.limits
    if limits is None:
        raise EncoderError("There is no text to train on.")
    config = replace(FAST, name=setup.name, neurons=1.0).shortened(limits.steps)
    layers, seconds = int(read_facts(begins)["layers"]), limits.seconds
    return Request(config, limits.texts, folder, setup.start, begins, layers, seconds, setup.unseen)


def published(folder: Path, target: Path, told: Mapping[str, Any], *, keep_weights: bool) -> None:
    """Write the encoder of `folder` to `target`, with what is `told` on its card."""
    from localsearch.compress.folder import write_card
    from localsearch.compress.weights import WEIGHTS

    card, old = read_card(folder), dict(read_facts(folder))
    target.mkdir()
    for file in card.files:
        if file.name != WEIGHTS or keep_weights:
            (target / file.name).write_bytes(read_verified(folder, card, file.name))
    for key in ("format", "files", "canonical"):
        old.pop(key, None)
    write_card(target, old | dict(told))
