"""The text: rows of an English text and its translations, in an order of which every beginning is a fair sample.

Teachers are slow, so their vectors are there for the first rows only, and for more of them from day to day. A beginning
holds equal amounts of questions, sentences, paragraphs and passages, and prefers rows in many and in rare languages.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from localsearch.errors import PathProblem

ENGLISH = "en"
BANDS = (40, 100, 250, 500)
"""Characters of an English text, at which longer kinds of text begin."""
ALONE = 0.3
"""Share of the rows that are in English only, where there are enough of others."""
SEED = 7

Row: TypeAlias = dict[str, str]
"""Text by language, English among them."""


def read_rows(paths: Iterable[Path]) -> list[Row]:
    """Of `.jsonl` files: objects with texts by language, or with `text` for English alone. Each English text once.

    Raises PathProblem when a file cannot be read.
    """
    rows: dict[str, Row] = {}
    for path in paths:
        for values in _objects(path):
            english = values.pop("text", None) or values.get(ENGLISH, "")
            row = rows.setdefault(english, {ENGLISH: english})
            for language, text in values.items():
                row.setdefault(language, text)
    return list(rows.values())


def _objects(path: Path) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except (OSError, ValueError) as error:
        raise PathProblem(f"{path} cannot be read: {error}.") from None


def ordered(rows: Sequence[Row], most: int) -> list[Row]:
    """The first `most` rows of the order."""
    drawn = np.random.default_rng(SEED)
    known = Counter(language for row in rows for language in row if language != ENGLISH)
    bands: dict[tuple[int, bool], list[tuple[float, Row]]] = {}
    for row in rows:
        worth = sum(known[language] ** -0.5 for language in row if language != ENGLISH) or 1.0
        key = math.log(1.0 - drawn.random()) / worth  # a weighted sample (Efraimidis and Spirakis, 2006)
        bands.setdefault((_band(row), len(row) == 1), []).append((-key, row))
    placed: list[tuple[float, float, Row]] = []
    for (_, alone), found in bands.items():
        done = 0.0
        for key, row in sorted(found, key=lambda entry: entry[0]):
            done += len(row[ENGLISH]) / (ALONE if alone else 1.0 - ALONE)
            placed.append((done, key, row))
    placed.sort(key=lambda entry: entry[:2])
    return [row for _, _, row in placed[:most]]


def _band(row: Row) -> int:
    return sum(len(row[ENGLISH]) >= limit for limit in BANDS)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def load_rows(path: Path, most: int | None = None) -> list[Row]:
    """The first `most` rows of a file that `write_rows` wrote; None: all."""
    return [row for number, row in enumerate(_objects(path)) if most is None or number < most]
