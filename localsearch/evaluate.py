"""How well does an index rank? nDCG@10, recall@100 and MRR@10 on a judged collection in BEIR layout.

    DATASET/corpus.jsonl      {"_id": ..., "title": ..., "text": ...} per line
    DATASET/queries.jsonl     {"_id": ..., "text": ...} per line
    DATASET/qrels/test.tsv    query-id, corpus-id, score; a header line, tabs

The collection is indexed in a temporary folder by the code that indexes files, and documents are ranked by their
best passage.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localsearch.engine import Index
from localsearch.errors import PathProblem
from localsearch.records import Block, BlockKind, Document, Mode

Judgements = Mapping[str, Mapping[str, int]]
"""Grade by document by query; 0 or less means not relevant."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A judged collection."""

    documents: Mapping[str, Document]
    queries: Mapping[str, str]
    judgements: Judgements


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured, and on how much."""

    documents: int
    queries: int
    """Queries with at least one relevant document; the averages go over these."""
    modes: Mapping[Mode, Mapping[str, float]]
    """`ndcg@10`, `recall@100` and `mrr@10`, each 0 to 1, by mode."""
    ndcg: Mapping[Mode, tuple[float, ...]]
    """nDCG@10 of each judged query, in the collection's order, by mode."""


def evaluate(
    dataset: Path | Dataset, *, encoder: Path | None = None, progress: Callable[[str, int, int], None] | None = None
) -> Evaluation:
    """Index `dataset`, a folder or what was read from one, in a temporary folder and measure the three modes.

    `progress` hears (what, done, total). Raises PathProblem when the layout is another one, EncoderError.
    """
    data = read_dataset(dataset) if isinstance(dataset, Path) else dataset
    with (
        tempfile.TemporaryDirectory(prefix="localsearch-eval-") as folder,
        Index.create(folder, encoder=encoder) as index,
    ):
        index.add_documents(data.documents)
        measured = {mode: _measure(index, data, mode, progress) for mode in (Mode.KEYWORD, Mode.SEMANTIC, Mode.HYBRID)}
    modes = {mode: {name: _mean(values) for name, values in found.items()} for mode, found in measured.items()}
    ndcg = {mode: tuple(found["ndcg@10"]) for mode, found in measured.items()}
    return Evaluation(len(data.documents), len(_judged(data)), modes, ndcg)


def _measure(
    index: Index, data: Dataset, mode: Mode, progress: Callable[[str, int, int], None] | None
) -> dict[str, list[float]]:
    """Of each judged query."""
    judged = _judged(data)
    found: dict[str, list[float]] = {"ndcg@10": [], "recall@100": [], "mrr@10": []}
    for done, query in enumerate(judged, start=1):
        ranked = [name for name, _ in index.rank_documents(data.queries[query], k=100, mode=mode)]
        grades = data.judgements[query]
        found["ndcg@10"].append(ndcg(ranked, grades, 10))
        found["recall@100"].append(recall(ranked, grades, 100))
        found["mrr@10"].append(reciprocal_rank(ranked, grades, 10))
        if progress:
            progress(mode.value, done, len(judged))
    return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)


def _judged(data: Dataset) -> list[str]:
    return [query for query in data.queries if any(grade > 0 for grade in data.judgements.get(query, {}).values())]


# Measures


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Normalised discounted cumulative gain with linear gain (Järvelin and Kekäläinen, ACM TOIS 2002), as trec_eval."""
    gain = _dcg([max(grades.get(name, 0), 0) for name in ranked[:k]])
    ideal = _dcg(sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k])
    return gain / ideal if ideal else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


def recall(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Share of the relevant documents among the first k."""
    relevant = {name for name, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranked[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """One over the rank of the first relevant document among the first k; 0 when there is none."""
    return next((1 / rank for rank, name in enumerate(ranked[:k], start=1) if grades.get(name, 0) > 0), 0.0)


# Reading


def read_dataset(folder: Path) -> Dataset:
    """Raises PathProblem, naming file and line, when the layout is another one."""
    documents = {
        str(row["_id"]): Document(
            blocks=(Block(BlockKind.PARAGRAPH, str(row["text"])),), title=str(row.get("title") or "")
        )
        for row in _rows(folder / "corpus.jsonl", "_id", "text")
    }
    queries = {str(row["_id"]): str(row["text"]) for row in _rows(folder / "queries.jsonl", "_id", "text")}
    return Dataset(documents, queries, _read_judgements(folder / "qrels" / "test.tsv"))


def _rows(path: Path, *needed: str) -> Iterator[Mapping[str, object]]:
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict) or not all(key in row for key in needed):
            raise PathProblem(f"{path}:{number} is not a JSON object with {' and '.join(needed)}.", hint=LAYOUT)
        yield row


def _read_judgements(path: Path) -> Judgements:
    judgements: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(path)[1:], start=2):
        if not line.strip():
            continue
        try:
            query, document, grade = line.rstrip("\r").split("\t")
            judgements.setdefault(query, {})[document] = int(grade)
        except ValueError:
            raise PathProblem(f"{path}:{number} is not `query-id<tab>corpus-id<tab>score`.", hint=LAYOUT) from None
    return judgements


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise PathProblem(f"{path} does not exist.", hint=LAYOUT) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PathProblem(f"{path} cannot be read: {error}.", hint=LAYOUT) from None


LAYOUT = "An evaluation set holds corpus.jsonl, queries.jsonl and qrels/test.tsv; see docs/guide.md."
