"""From an encoder and the user's text to a pruned encoder: read -> cut -> zero -> train again -> measure -> install.

What is not finished lies in a folder beside the new encoder's, `.NAME.pruning`: the text, the checkpoint, the curve.
With a training it survives an interruption, and the same request takes it up; it is gone when the encoder is there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.compress.acceptance import Tell
from localsearch.compress.extra import need_extra
from localsearch.compress.prune.work import Pruned, Wanted, Work
from localsearch.encoder.card import Card, read_card
from localsearch.errors import PathProblem, StorageError

if TYPE_CHECKING:
    from localsearch.compress.distill.train import Training
    from localsearch.compress.weights import TorchEncoder

Watch = Callable[["Training"], None]


def prune_encoder(wanted: Wanted, tell: Tell, watch: Watch = lambda _: None) -> Path:
    """Make the encoder `wanted`; its folder. `watch` is called after every step of the training.

    Raises MissingExtra; EncoderError when the cuts cannot be made, when the parent keeps no weights, or when it costs
    more than `max_loss`; PathProblem without text, or when `out` exists. Nothing is installed then.
    """
    wanted.cuts.check(wanted.recover)
    need_extra()
    from localsearch.compress.prune.material import draw, gather_texts
    from localsearch.compress.prune.publish import publish
    from localsearch.compress.prune.recover import need_plain
    from localsearch.compress.weights import load_torch

    card, encoder = read_card(wanted.parent), load_torch(wanted.parent)
    if wanted.recover:
        need_plain(encoder, card)
    with _workplace(wanted, card) as place:
        sources = gather_texts(wanted, place, tell)
        work = Work(wanted, card, place, sources, draw(sources), tell)
        tell(f"calibrated on {len(work.calibration)} of {sum(map(len, sources.values())):,} texts")
        pruned = cut(work, encoder)
        return publish(work, pruned, zero_and_train(work, pruned, watch))


def cut(work: Work, encoder: TorchEncoder) -> Pruned:
    """Take words, layers, heads and neurons away, in this order."""
    from localsearch.compress.architecture import layers_of
    from localsearch.compress.neurons import remove_neurons
    from localsearch.compress.norms import input_norms
    from localsearch.compress.prune.calibrate import read_rows
    from localsearch.compress.prune.structured import remove_heads, remove_layers
    from localsearch.compress.prune.words import choose_pieces, cut_words

    cuts, model, tokenizer = work.wanted.cuts, encoder.model, work.wanted.parent
    pieces: list[int] = []
    if cuts.vocabulary:
        texts = (text for found in work.sources.values() for text in found)
        pieces = choose_pieces(model, tokenizer, texts, cuts.vocabulary)
        cut_words(model, tokenizer, pieces, work.place)
        tokenizer = work.place
    shown = [work.card.passage_prefix + text for text in work.calibration]
    rows = read_rows(shown, tokenizer, work.card.max_tokens)
    left = list(range(len(layers_of(model))))
    if cuts.layers:
        left = remove_layers(encoder, cuts.layers, rows)
    if cuts.heads or cuts.neurons:
        norms = input_norms(model, rows)
        if cuts.heads:
            remove_heads(model, cuts.heads, norms)
        remove_neurons(model, cuts.neurons, norms)
    return Pruned(encoder, tokenizer, left, pieces, rows)


def zero_and_train(work: Work, pruned: Pruned, watch: Watch) -> Training | None:
    """Set single weights to zero and train what is left; None when nothing was to be trained."""
    from localsearch.compress.norms import input_norms
    from localsearch.compress.prune.masks import Gradual

    cuts, model, zeros = work.wanted.cuts, pruned.encoder.model, None
    if cuts.masking is not None:
        zeros = Gradual(model, cuts.masking, cuts.rounds, work.wanted.recover, lambda: input_norms(model, pruned.rows))
        zeros(0)
    if not work.wanted.recover:
        return None
    from localsearch.compress.prune.recover import train_again

    return train_again(work, pruned, zeros, watch)


@contextmanager
def _workplace(wanted: Wanted, card: Card) -> Iterator[Path]:
    """The folder `.NAME.pruning`; kept on an interruption when there is training in it to take up again."""
    from localsearch.compress.distill.run import open_workplace
    from localsearch.compress.distill.train import CHECKPOINT

    if wanted.out.exists():
        raise PathProblem(f"{wanted.out} exists already.", hint="Choose another --out, or move it away.")
    told = {
        "cuts": asdict(wanted.cuts),
        "parent": card.fingerprint,
        "texts": [str(path.resolve()) for path in wanted.texts or filter(None, [wanted.index])],
        "recover": wanted.recover,
        "seed": wanted.seed,
    }
    place, finished = wanted.workplace, False
    try:
        if not (place / CHECKPOINT).exists():
            shutil.rmtree(place, ignore_errors=True)  # what a killed run left
        open_workplace(place, told)
        yield place
        finished = True
    except OSError as error:
        raise StorageError(
            f"Cannot write the encoder to {wanted.out.parent}: {error.strerror or error}.",
            hint="Make room, or mend the permissions; nothing was installed.",
        ) from error
    finally:
        if finished or not (place / CHECKPOINT).exists():
            shutil.rmtree(place, ignore_errors=True)
