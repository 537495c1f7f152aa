"""All texts of the rows in word pieces, and what each step reads of them.

Which texts a step reads depends on the seed, the step's number and the rows alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from localsearch.compress.multilingual.corpus import ENGLISH, Row
from localsearch.compress.multilingual.recipe import Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

CHUNK = 4_096
"""Texts given to the tokenizer at a time."""


@dataclass(frozen=True, slots=True)
class Texts:
    """In the order of their rows."""

    ids: NDArray[np.int32]
    """All word pieces, special ones included, one text behind the other."""
    starts: NDArray[np.int64]
    """(texts + 1,) where each begins."""
    rows: NDArray[np.int32]
    """(texts,) the row that each belongs to."""
    languages: NDArray[np.int16]
    """(texts,) the place of its language in `names`."""
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    def pieces(self, text: int) -> list[int]:
        found: list[int] = self.ids[self.starts[text] : self.starts[text + 1]].tolist()
        return found

    def save(self, path: Path) -> None:
        np.savez(
            path,
            ids=self.ids,
            starts=self.starts,
            rows=self.rows,
            languages=self.languages,
            names=np.array(self.names),
        )

    @classmethod
    def load(cls, path: Path) -> Texts:
        with np.load(path, allow_pickle=False) as kept:
            names = tuple(str(name) for name in kept["names"])
            return cls(kept["ids"], kept["starts"], kept["rows"], kept["languages"], names)


def tokenized(rows: Sequence[Row], tokenizer: Tokenizer, longest: int) -> Texts:
    """Every text of every row, cut off at `longest` word pieces."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    names = sorted({language for row in rows for language in row})
    places = {name: place for place, name in enumerate(names)}
    said = [(number, places[language], text) for number, row in enumerate(rows) for language, text in row.items()]
    parts, lengths = [], []
    for begin in range(0, len(said), CHUNK):
        for entry in tokenizer.encode_batch([text for _, _, text in said[begin : begin + CHUNK]]):
            parts.append(np.array(entry.ids, dtype=np.int32))
            lengths.append(len(entry.ids))
    return Texts(
        np.concatenate(parts),
        np.concatenate([[0], np.cumsum(lengths)]),
        np.array([row for row, _, _ in said], dtype=np.int32),
        np.array([language for _, language, _ in said], dtype=np.int16),
        tuple(names),
    )


class Draws:
    """The texts of each step."""

    def __init__(self, texts: Texts, recipe: Recipe) -> None:
        self._recipe = recipe
        band = np.searchsorted(np.array(recipe.bands), texts.lengths)  # (texts,)
        learned = texts.rows >= recipe.held_out
        self._pools: list[list[NDArray[np.int64]]] = []
        self._shares: list[NDArray[np.float64]] = []
        self._counts: list[int] = []
        for number in range(len(recipe.bands) + 1):
            inside = learned & (band == number)
            pools = [np.flatnonzero(inside & (texts.languages == place)) for place in range(len(texts.names))]
            kept = [(name, pool) for name, pool in zip(texts.names, pools, strict=True) if len(pool)]
            if not kept:
                continue
            others = sum(len(pool) ** recipe.balance for name, pool in kept if name != ENGLISH)
            shares = np.array([recipe.share(name, len(pool), others) for name, pool in kept])
            self._pools.append([pool for _, pool in kept])
            self._shares.append(shares / shares.sum())
            mean = float(texts.lengths[inside].mean())
            self._counts.append(max(1, round(recipe.step_pieces / (len(recipe.bands) + 1) / mean)))

    def step(self, number: int) -> NDArray[np.int64]:
        """Numbers of the texts that a step reads."""
        drawn = np.random.default_rng((self._recipe.seed, number))
        found = []
        for pools, shares, count in zip(self._pools, self._shares, self._counts, strict=True):
            found += [int(drawn.choice(pools[place])) for place in drawn.choice(len(pools), size=count, p=shares)]
        return np.array(found)
