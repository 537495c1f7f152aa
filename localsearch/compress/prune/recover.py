"""Training afterwards: the pruned encoder learns to give the vectors of the unpruned one again, on the user's text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from localsearch.compress.architecture import layers_of
from localsearch.compress.distill.config import DistillConfig
from localsearch.compress.distill.run import STREAM, demand_text, load_tokenizer, prefix_pieces, train_to_end
from localsearch.compress.distill.stream import Batches, Stream, read_stream
from localsearch.compress.distill.teacher import Teacher
from localsearch.compress.distill.train import Training
from localsearch.compress.leakage import judged_rows, unjudged
from localsearch.compress.weights import load_torch
from localsearch.compress.workplace import read_kept
from localsearch.encoder.card import Pooling
from localsearch.errors import EncoderError
from localsearch.meter import duration

if TYPE_CHECKING:
    from localsearch.compress.prune.masks import Gradual
    from localsearch.compress.prune.work import Pruned, Work
    from localsearch.compress.weights import TorchEncoder
    from localsearch.encoder.card import Card

LEARNING_RATE = 1e-3
"""That of `fast`, which begins with as much to make up for."""
COOLDOWN_OF_ROUNDS = 0.25
"""Share of the steps, at the end, in which it falls to nothing where rounds of pruning take the first half."""


def need_plain(encoder: TorchEncoder, card: Card) -> None:
    """Raises EncoderError for an encoder that this training cannot teach."""
    if encoder.model.config.model_type != "distilbert" or encoder.dense is not None:
        reason = "is an MPNet" if encoder.dense is None else "ends in a projection"
    elif encoder.pooling is not Pooling.MEAN:
        reason = f"pools by {encoder.pooling}"
    else:
        return
    raise EncoderError(
        f"The encoder {card.name} cannot be trained again: it {reason}.",
        hint="Prune it without --recover, or let `localsearch model distill` make a smaller one of it.",
    )


def train_again(work: Work, pruned: Pruned, zeros: Gradual | None, watch: Callable[[Training], None]) -> Training:
    """To the end, from where an earlier run left it; `zeros` are held. `watch` is called after every step."""
    whole = load_torch(work.wanted.parent)
    stream = read_pieces(work, pruned.tokenizer)
    training = Training(
        pruned.encoder.model,
        Teacher(whole, torch.tensor(pruned.pieces) if pruned.pieces else None),
        Batches(
            stream,
            config := config_of(work, pruned.left, len(layers_of(whole.model))),
            prefix_pieces(pruned.tokenizer, work.card),
        ),
        config,
        work.place,
        after=zeros,
    )
    if training.resume() and zeros is not None:
        zeros.zeros.note()
    left = training.last_step - training.step
    if left:
        work.tell(f"training again: {left:,} steps, about {duration(left * training.seconds_a_step())}")
    train_to_end(training, work.place, watch)
    return training


def config_of(work: Work, left: Sequence[int], layers: int) -> DistillConfig:
    """Every number of the training. `left`: the layers that are left of the teacher's `layers`, first is 0."""
    steps = work.wanted.recover
    config = DistillConfig(
        name=work.wanted.out.name,
        layers=tuple(left),
        targets=(*left[:-1], layers - 1),
        band_tokens=1_024,  # x 5 bands = 5,120 pieces a step
        learning_rate=LEARNING_RATE,
        patience=steps,  # no early end: the zeros of later rounds are still to come
        seed=work.wanted.seed,
    )
    if work.wanted.cuts.rounds > 1:
        config = replace(config, cooldown=COOLDOWN_OF_ROUNDS)
    return config.shortened(steps).within(work.card.max_tokens)


def read_pieces(work: Work, tokenizer: Path) -> Stream:
    """The text in word pieces, but for what is measured on; read once, kept for the next run.

    Raises PathProblem when it is too little.
    """
    path = work.place / STREAM
    if path.exists():
        return read_kept(path, Stream.load)
    rows = judged_rows(work.sets)
    texts = {name: unjudged(some, rows) for name, some in work.sources.items()}
    stream = read_stream(texts, load_tokenizer(tokenizer))
    demand_text(stream, work.tell)
    stream.save(path)
    return stream
