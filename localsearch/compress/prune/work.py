"""The records of a pruning: what is wanted, what is at hand, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.compress.acceptance import Tell
from localsearch.compress.prune.cuts import Cuts
from localsearch.encoder.card import Card

if TYPE_CHECKING:
    from torch import Tensor

    from localsearch.compress.weights import TorchEncoder
    from localsearch.evaluate import Dataset

Sources = Mapping[str, Sequence[str]]
"""Texts of each source by its name."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become of which encoder."""

    parent: Path
    """An encoder folder with its torch weights."""
    out: Path
    """The encoder folder to be made."""
    cuts: Cuts
    texts: tuple[Path, ...] = ()
    """Folders of documents, single documents, `.txt` or `.jsonl` files; empty: passages of `index`."""
    index: Path | None = None
    sets: Mapping[str, Dataset] = field(default_factory=dict)
    """Judged collections that the loss is measured on; without one it is measured on the texts."""
    max_loss: float | None = None
    """nDCG@10 that pruning may cost on any collection; None: whatever it costs."""
    recover: int = 0
    """Steps of training afterwards, with the unpruned encoder as teacher."""
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Work:
    """A pruning that is under way."""

    wanted: Wanted
    card: Card
    """The parent's."""
    place: Path
    """The private folder of what is not finished."""
    sources: Sources
    calibration: Sequence[str]
    """Texts drawn from `sources`."""
    sets: Mapping[str, Dataset]
    """What the loss is measured on; nothing of it is trained on."""
    tell: Tell


@dataclass(frozen=True, slots=True)
class Pruned:
    """An encoder that has been cut, in memory, and what was done to it."""

    encoder: TorchEncoder
    tokenizer: Path
    """A folder with its tokenizer.json."""
    left: list[int]
    """Numbers of the parent's layers that are left, first is 0."""
    pieces: list[int]
    """The parent's numbers of the word pieces that are left; empty when all are."""
    rows: list[Tensor]
    """The calibration texts in the word pieces that are left: (1, tokens) each."""
