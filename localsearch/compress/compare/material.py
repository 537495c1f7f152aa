"""What encoders are measured on: judged collections, or the user's own index."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from pathlib import Path

from localsearch.compress.compare.pseudo import PASSAGES, pseudo_dataset
from localsearch.compress.compare.run import Material
from localsearch.engine import Index
from localsearch.errors import PathProblem, QueryError
from localsearch.evaluate import LAYOUT, Dataset, read_dataset

SPEED_PASSAGES = 300
SPEED_QUERIES = 100
SEED = 7
OWN = "your index"
"""The name of the set made of the user's own passages."""


def gather(collections: Iterable[Path], index: Path | None, *, passages: int = SPEED_PASSAGES) -> Material:
    """Read judged collections in BEIR layout, and make one of the index when it is given.

    Speed is measured on passages of the index, else of the first collections. Raises PathProblem, IndexNotFound and
    what opening an index raises, QueryError when there is nothing to measure on.
    """
    sets = {folder.name: read_dataset(folder) for place in collections for folder in datasets(place)}
    if index is not None:
        with Index.open(index) as opened:
            sets = {OWN: pseudo_dataset(opened.sample(PASSAGES))} | sets
    if not sets:
        raise QueryError("There is nothing to measure on.", hint="Name a judged collection (--beir) or an index.")
    return Material(sets, draw_passages(sets, passages), draw_queries(sets))


def datasets(place: Path) -> list[Path]:
    """`place` when it is a collection, else the collections in it. Raises PathProblem when there is none."""
    if (place / "corpus.jsonl").exists():
        return [place.absolute()]
    found = sorted(path.parent for path in place.absolute().glob("*/corpus.jsonl"))
    if not found:
        raise PathProblem(f"{place} holds no judged collection.", hint=LAYOUT)
    return found


def draw_passages(sets: Mapping[str, Dataset], number: int) -> list[str]:
    """Texts of the first set, drawn with a seed; of the next as well when it has too few."""
    drawn: list[str] = []
    for data in sets.values():
        texts = [f"{document.title}\n{document.text}".strip() for document in data.documents.values()]
        drawn += random.Random(SEED).sample(texts, min(number - len(drawn), len(texts)))  # noqa: S311
    return drawn


def draw_queries(sets: Mapping[str, Dataset]) -> list[str]:
    queries = [text for data in sets.values() for name, text in data.queries.items() if name in data.judgements]
    return random.Random(SEED).sample(queries, min(SPEED_QUERIES, len(queries)))  # noqa: S311
