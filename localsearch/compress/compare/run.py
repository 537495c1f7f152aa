"""The comparison: every encoder through the same measurements, one after the other."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from localsearch.compress.compare.agreement import Likeness, likeness
from localsearch.compress.compare.machine import Machine, this_machine
from localsearch.compress.compare.memory import peak_memory
from localsearch.compress.compare.speed import ROUNDS, Speed, race
from localsearch.compress.compare.weights import Weights, count_weights
from localsearch.encoder.card import MODEL, TOKENIZER, read_card, read_verified
from localsearch.encoder.onnx import Encoder
from localsearch.errors import EncoderError
from localsearch.evaluate import Dataset, evaluate
from localsearch.records import Mode

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Material:
    """What the encoders are measured on."""

    sets: Mapping[str, Dataset]
    """Judged collections by name."""
    passages: Sequence[str]
    """For speed, memory and agreement."""
    queries: Sequence[str]
    """For the time that a query takes."""


@dataclass(frozen=True, slots=True)
class Quality:
    """nDCG@10 on one set, 0 to 1."""

    dense: float
    hybrid: float
    queries: tuple[float, ...] = ()
    """Dense, of each judged query."""


@dataclass(frozen=True, slots=True)
class Row:
    """One encoder as measured."""

    name: str
    folder: Path
    dim: int
    weights: Weights
    bytes: int
    """Of the files that it runs with: model, tokenizer, projection."""
    zipped: int
    """Of the model when it is compressed, as in a zip file: what zeros save, they save here."""
    speed: Speed
    peak_memory: int
    """Bytes, in a process of its own with one thread."""
    quality: Mapping[str, Quality]
    """By set."""
    likeness: Likeness
    """To the first encoder."""

    @property
    def dense(self) -> float:
        """nDCG@10 averaged over the sets."""
        return mean(one.dense for one in self.quality.values())

    @property
    def scores(self) -> list[tuple[float, ...]]:
        """Dense nDCG@10 of each query, by set."""
        return [one.queries for one in self.quality.values()]

    @property
    def hybrid(self) -> float:
        return mean(one.hybrid for one in self.quality.values())


@dataclass(frozen=True, slots=True)
class Comparison:
    rows: tuple[Row, ...]
    machine: Machine
    passages: int
    """How many the speed was measured on."""
    sets: Mapping[str, tuple[int, int]]
    """Documents and judged queries of each set."""


def compare(
    encoders: Mapping[str, Path], material: Material, *, rounds: int = ROUNDS, tell: Tell | None = None
) -> Comparison:
    """Measure `encoders`, folders by the name they are shown with; the first is what the others are held against.

    Raises EncoderError for a folder that is no encoder. `tell` hears what is being measured.
    """
    say = tell or (lambda _: None)
    machine = this_machine()
    loaded = {name: Encoder.load(folder) for name, folder in encoders.items()}
    speeds = race(loaded, material.passages, material.queries, rounds=rounds, tell=tell)
    vectors: dict[str, Float32Matrix] = {}
    for name, encoder in loaded.items():
        say(f"{name}: vectors")
        vectors[name] = encoder.encode_passages(material.passages)
    first = next(iter(vectors.values()))
    rows = []
    for name, folder in encoders.items():
        say(f"{name}: memory")
        memory = peak_memory(folder, material.passages)
        quality = {set_name: _quality(name, folder, set_name, data, say) for set_name, data in material.sets.items()}
        alike = likeness(vectors[name], first)
        rows.append(_row(name, folder, speed=speeds[name], memory=memory, quality=quality, alike=alike))
    sizes = {name: (len(data.documents), len(data.judgements)) for name, data in material.sets.items()}
    return Comparison(tuple(rows), machine, len(material.passages), sizes)


def _quality(name: str, folder: Path, set_name: str, data: Dataset, say: Tell) -> Quality:
    say(f"{name}: quality on {set_name}, {len(data.documents):,} documents")
    found = evaluate(data, encoder=folder)
    dense, hybrid = (found.modes[mode]["ndcg@10"] for mode in (Mode.SEMANTIC, Mode.HYBRID))
    return Quality(dense, hybrid, found.ndcg[Mode.SEMANTIC])


def _row(name: str, folder: Path, *, speed: Speed, memory: int, quality: Mapping[str, Quality], alike: Likeness) -> Row:
    card = read_card(folder)
    model = read_verified(folder, card, MODEL)
    try:
        weights = count_weights(model)
    except ValueError as error:
        raise EncoderError(f"The weights of {folder / MODEL} cannot be counted: {error}.") from None
    return Row(
        name=name,
        folder=folder,
        dim=card.dim,
        weights=weights,
        bytes=sum(file.bytes for file in card.files if file.name in {MODEL, TOKENIZER, card.projection}),
        zipped=len(zlib.compress(model)),
        speed=speed,
        peak_memory=memory,
        quality=quality,
        likeness=alike,
    )
