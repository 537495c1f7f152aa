"""From an encoder and the user's text to a pruned encoder: read -> cut -> zero -> train again -> measure -> install.

What is not finished lies in a private folder (`compress.workplace`): the text, the checkpoint, the curve. With a
training it survives an interruption, and the same request takes it up; it is gone when the encoder is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.compress.acceptance import Tell
from localsearch.compress.extra import need_extra
from localsearch.compress.prune.work import Pruned, Wanted, Work
from localsearch.compress.workplace import workplace
from localsearch.encoder.card import Card, read_card

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from localsearch.compress.distill.train import Training

Watch = Callable[["Training"], None]


def prune_encoder(wanted: Wanted, tell: Tell, watch: Watch = lambda _: None) -> Path:
    """Make the encoder `wanted`; its folder. `watch` is called after every step of the training.

    Raises MissingExtra; EncoderError when the cuts cannot be made, when the parent keeps no weights, or when it costs
    more than `max_loss`; PathProblem without text, or when `out` exists. Nothing is installed then.
    """
    wanted.cuts.check(wanted.recover)
    need_extra()
    from localsearch.compress.prune.cut import cut
    from localsearch.compress.prune.material import draw, gather_texts, own_set
    from localsearch.compress.prune.publish import publish
    from localsearch.compress.prune.recover import need_plain
    from localsearch.compress.weights import load_torch

    card, encoder = read_card(wanted.parent), load_torch(wanted.parent)
    if wanted.recover:
        need_plain(encoder, card)
    with workplace(wanted.out, _told(wanted, card), wanted.texts or tuple(filter(None, [wanted.index]))) as place:
        sources = gather_texts(wanted, place, tell)
        calibration = draw(sources)
        work = Work(wanted, card, place, sources, calibration, wanted.sets or own_set(sources, calibration), tell)
        tell(f"calibrated on {len(work.calibration)} of {sum(map(len, sources.values())):,} texts")
        pruned = cut(encoder, wanted.cuts, wanted.parent, calibration, partial(_counts, work), place=place)
        return publish(work, pruned, zero_and_train(work, pruned, watch))


def _counts(work: Work) -> NDArray[np.int64]:
    from localsearch.compress.prune.words import count_pieces

    return count_pieces(work.wanted.parent, (text for found in work.sources.values() for text in found))


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


def _told(wanted: Wanted, card: Card) -> dict[str, Any]:
    """What makes two requests the same. Steps may change in between, unless rounds of zeros are spread over them."""
    told = {"cuts": asdict(wanted.cuts), "parent": card.fingerprint, "seed": wanted.seed}
    return told if wanted.cuts.rounds == 1 else told | {"recover": wanted.recover}
