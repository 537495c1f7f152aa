"""One candidate as an encoder folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.compress.acceptance import Tell
from localsearch.compress.kinds import Kind
from localsearch.compress.optimize.candidates import AS_IT_IS, Candidate, Cut, layers_left
from localsearch.compress.prune.cuts import Cuts
from localsearch.encoder.card import read_card, read_facts, read_verified
from localsearch.errors import EncoderError

if TYPE_CHECKING:
    from localsearch.compress.distill.run import Request
    from localsearch.compress.distill.train import Training
    from localsearch.compress.optimize.reading import Reading


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
    from localsearch.compress.build import build, derived, facts
    from localsearch.compress.folder import write_card
    from localsearch.compress.prune.cut import cut
    from localsearch.compress.weights import load_torch

    kind, exact, words = candidate.kind or Kind.INT8, Path(f"{folder}-exact"), Path(f"{folder}-words")
    words.mkdir()
    encoder, reading = load_torch(setup.start), setup.reading
    cuts = _cuts(candidate.cut, layers=encoder.model.config.num_hidden_layers, words=len(reading.counts))
    pruned = cut(encoder, cuts, setup.start, reading.sample, lambda: reading.counts, place=words)
    about = derived(setup.start, setup.name, candidate.what, setup.command)
    told = facts(encoder, about, kind) | {"name": f"{candidate.name} of {read_card(setup.start).name}"}
    build(encoder, pruned.tokenizer, about, exact=exact, small=folder, kind=kind)
    write_card(folder, told)
    shutil.rmtree(exact)
    shutil.rmtree(words)


def _cuts(cut: Cut, *, layers: int, words: int) -> Cuts:
    """What goes, from the shares that are left; `layers` and `words` there are."""
    return Cuts(
        vocabulary=round(words * cut.words) if cut.words < 1.0 else 0,
        layers=layers - layers_left(cut, layers),
        neurons=1.0 - cut.neurons,
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
