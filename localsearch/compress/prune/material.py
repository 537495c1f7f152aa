"""The user's own text: it shows which parts of an encoder are used, and is measured on when nothing is judged."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.compress.compare.material import OWN
from localsearch.compress.compare.pseudo import PASSAGES, QUERIES, pseudo_dataset
from localsearch.compress.distill.run import load_tokenizer
from localsearch.compress.distill.text import Warn, read_sources
from localsearch.compress.prune.calibrate import TEXTS
from localsearch.compress.workplace import read_kept, written
from localsearch.errors import IndexNotFound, PathProblem, QueryError
from localsearch.records import IndexedPassage, encoded_text

if TYPE_CHECKING:
    from localsearch.compress.prune.work import Sources, Wanted
    from localsearch.evaluate import Dataset

INDEX_PASSAGES = 5_000
"""Drawn from an index: enough to count words, and a million word pieces to learn from."""
MEASURED_ON = 5
"""One passage in so many, at most, is asked for, and not trained on."""
KEPT = "texts.json"
SEED = 7


def gather_texts(wanted: Wanted, place: Path, warn: Warn) -> Sources:
    """The texts named, or passages of the index where none are; read once and kept in the folder `place`.

    Raises PathProblem when there is no text, and what opening an index raises.
    """
    kept = place / KEPT
    if kept.exists():
        return read_kept(kept, _read_texts)
    if wanted.texts:
        sources = read_sources(wanted.texts, load_tokenizer(wanted.parent), warn)
        found = {name: list(texts) for name, texts in sources.items()}
    else:
        found = {OWN: _of_index(wanted.index)}
    if not any(found.values()):
        raise PathProblem("There is no text to calibrate on.", hint="Name folders that hold some: --text FOLDER.")
    with written(kept) as file:
        file.write(json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return found


def _read_texts(path: Path) -> Sources:
    found: Sources = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
    return found


def _of_index(index: Path | None) -> list[str]:
    from localsearch.engine import Index

    if index is None:
        return []
    try:
        opened = Index.open(index)
    except IndexNotFound as error:
        raise IndexNotFound(
            error.message, hint="Name text to calibrate on, --text FOLDER, or an index, --index FOLDER."
        ) from None
    with opened:
        return [encoded_text(passage.context, passage.text) for passage in opened.sample(INDEX_PASSAGES)]


def draw(sources: Sources, number: int = TEXTS) -> list[str]:
    """So many texts of all sources together, drawn by chance with a seed."""
    texts = [text for found in sources.values() for text in found]
    return random.Random(SEED).sample(texts, min(number, len(texts)))  # noqa: S311  # drawn, not kept secret


def own_set(sources: Sources, calibration: Sequence[str]) -> dict[str, Dataset]:
    """A judged collection of the texts, none of those calibrated on where there are enough others.

    Empty when they have no sentences to ask for.
    """
    used, drawn = set(calibration), draw(sources, PASSAGES + len(calibration))
    others = [text for text in drawn if text not in used]
    texts = (others if len(others) >= QUERIES else drawn)[:PASSAGES]
    passages = [IndexedPassage(number, number, text, "", 0, len(text), None, "") for number, text in enumerate(texts)]
    try:
        return {"your text": pseudo_dataset(passages, queries=max(1, min(QUERIES, len(passages) // MEASURED_ON)))}
    except QueryError:
        return {}
