"""The training text as one stream of word pieces, and the batches cut from it.

A text of the batch is any stretch that begins where a sentence begins. All texts of a batch have one length, so there
is no padding and no attention mask, as in the exported encoder. Which texts a step reads depends on the seed and the
step's number alone: a run that was interrupted goes on with the very batches that it would have had.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from localsearch.compress.distill.config import DistillConfig
from localsearch.compress.workplace import written
from localsearch.sentences import sentences

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

CHUNK = 2_048
"""Sentences given to the tokenizer at a time."""
LEAST_TEXT = 4
"""Word pieces of a text besides special ones and what its encoder wants before it."""
NEIGHBOURS = 2
"""Texts that follow each other in a batch: like one another, so that telling them apart teaches something."""


@dataclass(frozen=True, slots=True)
class Source:
    """One source's place in the stream."""

    name: str
    texts: int
    first: int
    """Number of its first sentence."""
    last: int
    """One past its last."""


@dataclass(frozen=True, slots=True)
class Stream:
    """All text in word pieces."""

    ids: NDArray[np.int32]
    """(pieces,) without special pieces."""
    starts: NDArray[np.int64]
    """(sentences,) where each begins."""
    sources: tuple[Source, ...]
    before: int
    """The special piece in front of a text, and the one behind it."""
    after: int

    def pieces(self, source: Source) -> int:
        end = self.starts[source.last] if source.last < len(self.starts) else len(self.ids)
        return int(end - self.starts[source.first])

    def crop(self, starts: NDArray[np.int64], length: int, prefix: Sequence[int] = ()) -> NDArray[np.int64]:
        """(texts, length): texts from `starts` on, special pieces and those of the prefix included."""
        front = len(prefix) + 1
        inside = np.minimum(starts[:, None] + np.arange(length - front - 1), len(self.ids) - 1)
        rows = np.empty((len(starts), length), dtype=np.int64)
        rows[:, 0], rows[:, 1:front], rows[:, -1] = self.before, prefix, self.after
        rows[:, front:-1] = self.ids[inside]  # (texts, what is left of the length)
        return rows

    def save(self, path: Path) -> None:
        """Whole, or not at all. Raises OSError."""
        with written(path) as file:
            self._write(file)

    def _write(self, file: BinaryIO) -> None:
        np.savez(
            file,
            ids=self.ids,
            starts=self.starts,
            names=np.array([source.name for source in self.sources]),
            places=np.array([(source.texts, source.first, source.last) for source in self.sources]),
            special=np.array([self.before, self.after]),
        )

    @classmethod
    def load(cls, path: Path) -> Stream:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            places = zip(kept["names"], kept["places"], strict=True)
            sources = tuple(Source(str(name), *map(int, place)) for name, place in places)
            return cls(kept["ids"], kept["starts"], sources, *map(int, kept["special"]))


def read_stream(sources: Mapping[str, Iterable[str]], tokenizer: Tokenizer) -> Stream:
    """Tokenise every text of every source, sentence by sentence."""
    ids: list[NDArray[np.int32]] = []
    lengths: list[NDArray[np.int64]] = []
    found: list[Source] = []
    first = 0
    for name, texts in sources.items():
        count, last = 0, first
        for chunk, new_texts in _chunks(texts):
            count += new_texts
            pieces = [np.array(e.ids, dtype=np.int32) for e in tokenizer.encode_batch(chunk, add_special_tokens=False)]
            pieces = [sentence for sentence in pieces if len(sentence)]
            ids += pieces
            lengths.append(np.array([len(sentence) for sentence in pieces], dtype=np.int64))
            last += len(pieces)
        if last > first:
            found.append(Source(name, count, first, last))
        first = last
    sizes = np.concatenate(lengths) if lengths else np.zeros(0, dtype=np.int64)
    special = tokenizer.encode("").ids
    joined = np.concatenate(ids) if ids else np.zeros(0, dtype=np.int32)
    return Stream(joined, np.cumsum(sizes) - sizes, tuple(found), special[0], special[-1])


def _chunks(texts: Iterable[str]) -> Iterator[tuple[list[str], int]]:
    """Sentences, and how many texts began among them."""
    chunk: list[str] = []
    count = 0
    for text in texts:
        count += 1
        chunk += [text[begin:end] for begin, end in sentences(text)]
        if len(chunk) >= CHUNK:
            yield chunk, count
            chunk, count = [], 0
    if count:
        yield chunk, count


class Batches:
    """What each step reads."""

    def __init__(self, stream: Stream, config: DistillConfig, prefixes: Sequence[Sequence[int]] = ((),)) -> None:
        """`prefixes`: word pieces to stand before the texts of a batch, one after the other in turn."""
        self._stream = stream
        self._config = config
        self._prefixes = prefixes
        self._shortest = max(map(len, prefixes)) + 2 + LEAST_TEXT
        self._learned = [_part(stream, source, 0.0, 1.0 - config.held_out) for source in stream.sources]
        self._held_out = [_part(stream, source, 1.0 - config.held_out, 1.0) for source in stream.sources]
        sizes = np.array([stream.pieces(source) for source in stream.sources]) ** config.balance
        self._shares = sizes / sizes.sum()

    def step(self, number: int) -> list[NDArray[np.int64]]:
        """One array of texts for each band: (texts, length)."""
        return self._draw(self._learned, np.random.default_rng((self._config.seed, number)))

    def first(self, steps: int) -> list[NDArray[np.int64]]:
        """What the first `steps` read: (texts, length) each."""
        return [rows for number in range(steps) for rows in self.step(number)]

    def held_out(self, number: int) -> list[NDArray[np.int64]]:
        """The same from the text that no step reads."""
        return self._draw(self._held_out, np.random.default_rng((self._config.seed, 1 << 32, number)))

    def _draw(self, parts: Sequence[NDArray[np.int64]], random: np.random.Generator) -> list[NDArray[np.int64]]:
        rows = []
        for shortest, longest in self._config.bands:
            length = max(int(random.integers(shortest, longest + 1)), self._shortest)
            pairs = max(1, self._config.band_tokens // length // NEIGHBOURS)
            chosen = random.choice(len(parts), size=pairs, p=self._shares)
            begins = np.array([random.choice(parts[source]) for source in chosen])  # (pairs,)
            follow = begins[:, None] + np.arange(NEIGHBOURS) * (length - 2)  # (pairs, neighbours)
            crops = np.empty((pairs, NEIGHBOURS, length), dtype=np.int64)
            for turn, prefix in enumerate(self._prefixes):
                places = follow[turn :: len(self._prefixes)]
                cropped = self._stream.crop(places.reshape(-1), length, prefix)
                crops[turn :: len(self._prefixes)] = cropped.reshape(*places.shape, length)
            rows.append(crops.reshape(-1, length))
        return rows


def _part(stream: Stream, source: Source, begin: float, end: float) -> NDArray[np.int64]:
    """Where the sentences of a stretch of one source begin. A text that begins in it may read on for a few hundred."""
    count = source.last - source.first
    first, last = source.first + int(count * begin), source.first + int(count * end)
    return stream.starts[first : max(last, first + 1)]
