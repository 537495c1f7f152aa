"""The user's text as the candidates need it: how often each word piece stands in it, and some of its passages."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from localsearch.compress.distill.run import load_tokenizer
from localsearch.compress.distill.text import Warn, read_sources
from localsearch.errors import PathProblem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from localsearch.compress.compare.run import Material

SAMPLE = 128
"""Passages that show which parts of the encoder are used."""
AT_ONCE = 1_024
"""Texts given to the tokenizer at a time."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Reading:
    """A text that was read once."""

    counts: NDArray[np.int64]
    """(vocabulary,): how often each word piece stands in it."""
    sample: Sequence[str]
    """Passages, drawn with a seed."""


def read(sources: Sequence[Path], material: Material, encoder: Path, warn: Warn) -> Reading:
    """Read the documents in `sources`; without any, what is measured on. `encoder` is the folder with the tokenizer.

    Raises PathProblem when a source cannot be read, or all of them hold no text.
    """
    loaded = load_tokenizer(encoder)

    def texts() -> Iterator[str]:
        for found in read_sources(sources, loaded, warn).values():
            yield from found
        for data in () if sources else material.sets.values():
            yield from (f"{document.title}\n{document.text}".strip() for document in data.documents.values())

    counts = np.zeros(max(loaded.get_vocab().values()) + 1, dtype=np.int64)
    sample: list[str] = []
    chance, seen = random.Random(SEED), 0  # noqa: S311  # drawn, not kept secret
    for some in _batches(texts()):
        ids = [np.array(encoding.ids, np.int64) for encoding in loaded.encode_batch(some, add_special_tokens=False)]
        counts += np.bincount(np.concatenate(ids), minlength=len(counts))
        for text in some:  # Vitter's reservoir: every passage is equally likely to be in the sample
            seen += 1
            if len(sample) < SAMPLE:
                sample.append(text)
            elif (place := chance.randrange(seen)) < SAMPLE:
                sample[place] = text
    if not counts.any():
        raise PathProblem("There is no text to learn from.", hint="Give folders with documents: --text FOLDER.")
    return Reading(counts, sample)


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(texts)
    while some := list(islice(iterator, AT_ONCE)):
        yield some
