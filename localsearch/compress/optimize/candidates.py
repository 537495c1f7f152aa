"""The list of candidates: what is tried, from cheap to dear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from localsearch.compress.kinds import Kind


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left of the encoder, as shares; 1 leaves a part alone."""

    words: float = 1.0
    """Of the word pieces: those that the text needs most."""
    neurons: float = 1.0
    """Of each layer's feed-forward neurons."""
    layers: float = 1.0


WHOLE = Cut()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate."""

    name: str
    what: str
    """For the card and the table's reader: what is done to the start."""
    cut: Cut = WHOLE
    kind: Kind | None = Kind.INT8
    """How the weights are stored; None: the start as it is."""
    trained: bool = False
    """Whether it learns the start's vectors after it was cut."""


AS_IT_IS = Candidate("as it is", "the start, unchanged", kind=None)
_KINDS = {
    Kind.FP16: "weights in half precision",
    Kind.EMBEDDINGS8: "words in 8 bits, all else in float32",
    Kind.INT8: "matrices and words in 8 bits",
}
"""int8-full is not tried: it is wrong on a CPU without VNNI, and nobody knows where the winner will run."""
_WORDS = (0.5,)
_NEURONS = (0.75, 0.5)
_LAYERS = (2 / 3, 0.5)
_TOGETHER = (Cut(words=0.5, neurons=0.75), Cut(words=0.5, layers=0.5))
_TRAINED = (Cut(neurons=0.5), Cut(layers=0.5), Cut(words=0.5, layers=0.5))


def candidates_for(layers: int, dtype: str, *, training: bool) -> list[Candidate]:
    """For a start of so many layers that is stored as `dtype`; what would be the start again is left out."""
    candidates = [AS_IT_IS]
    candidates += [Candidate(kind.value, what, kind=kind) for kind, what in _KINDS.items() if kind != dtype]
    cuts = [Cut(words=share) for share in _WORDS] + [Cut(neurons=share) for share in _NEURONS]
    cuts += [Cut(layers=share) for share in _LAYERS]
    candidates += [_cut(cut, layers) for cut in (*cuts, *_TOGETHER)]
    if training:
        candidates += [_cut(cut, layers, trained=True) for cut in _TRAINED]
    different = {candidate.name: candidate for candidate in candidates}
    return [
        candidate
        for candidate in different.values()
        if candidate.cut.layers == 1.0 or layers_left(candidate.cut, layers) < layers
    ]


def layers_left(cut: Cut, layers: int) -> int:
    return max(1, round(layers * cut.layers))


def _cut(cut: Cut, layers: int, *, trained: bool = False) -> Candidate:
    name = ", ".join(_parts(cut, layers)) + (", trained" if trained else "")
    what = f"{', '.join(_parts(cut, layers))} left"
    return Candidate(
        name, f"{what}, then trained to give the start's vectors" if trained else what, cut, trained=trained
    )


def _parts(cut: Cut, layers: int) -> Iterator[str]:
    if cut.layers < 1.0:
        yield f"{layers_left(cut, layers)} of {layers} layers"
    if cut.neurons < 1.0:
        yield f"{cut.neurons:.0%} of the neurons"
    if cut.words < 1.0:
        yield f"{cut.words:.0%} of the words"
