"""Which way to fuse both legs is never worse than the better leg?

Measured: nDCG@10 of BM25, dense and several fusions on every judged collection below a folder (BEIR layout), split,
encoded and indexed by the package's own code; then the two constants of the package's fusion chosen without the
collection they are tested on (leave one set out), and how much its weight matters.

    python benchmarks/fusion.py [FOLDER] [--cache FOLDER]      # --cache keeps the vectors between runs
"""

from __future__ import annotations

import argparse
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common import SHARED, save, wanted
from numpy.typing import NDArray

from localsearch.encoder.onnx import Encoder
from localsearch.evaluate import Dataset, read_dataset
from localsearch.ingest.split import split
from localsearch.records import Passage
from localsearch.search import fuse as fusion
from localsearch.search.keyword import bm25_of, count_words, keyword_leg
from localsearch.search.query import plain_query
from localsearch.store.schema import TABLES
from localsearch.store.sqlite import sqlite3
from localsearch.store.words import index_text

DEPTH = 400
"""Passages from each leg, as many as `localsearch eval` asks for."""
TOLERANCE = 0.003
WEIGHTS = (0.05, 0.08, 0.10, 0.12, 0.15, 0.18, 0.21, 0.25)
TRUSTED = (0.4, 0.5, 0.55, 0.6, 0.7, 0.85)

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """One judged query with its candidates."""

    documents: NDArray[np.int64]
    """Document of each candidate passage, (n,)."""
    cosines: Vector
    bm25: Vector
    known: float
    """Share of the query that the encoder knows."""
    passages: int
    """In the whole collection."""
    gains: Vector
    """Grade of every document, (documents,)."""


Method = Callable[[Case], Vector]


# The ways compared


def rrf(case: Case, k: int = 60) -> Vector:
    """Reciprocal rank fusion (Cormack, Clarke, Buettcher, SIGIR 2009)."""
    dense = 1.0 / (k + _ranks(case.cosines))
    return dense + np.where(case.bm25 > 0, 1.0 / (k + _ranks(case.bm25)), 0.0)


def min_max(case: Case, alpha: float) -> Vector:
    def scaled(scores: Vector) -> Vector:
        return (scores - scores.min()) / max(float(np.ptp(scores)), 1e-9)

    return alpha * scaled(case.cosines) + (1 - alpha) * scaled(case.bm25)


def z_score(case: Case, alpha: float) -> Vector:
    def scaled(scores: Vector) -> Vector:
        return (scores - scores.mean()) / max(float(scores.std()), 1e-9)

    return alpha * scaled(case.cosines) + (1 - alpha) * scaled(case.bm25)


def theoretical_minimum(case: Case, alpha: float) -> Vector:
    """Convex combination with theoretical minimum (Bruch, Gai, Ingber, ACM TOIS 2023)."""
    dense = (1 + case.cosines) / (1 + case.cosines.max())
    return alpha * dense + (1 - alpha) * case.bm25 / max(float(case.bm25.max()), 1e-9)


def trusted_minimum(case: Case, alpha: float) -> Vector:
    """The theoretical minimum with the package's trust in the encoder: what trust alone brings."""
    dense = (1 + case.cosines) / (1 + case.cosines.max())
    trust = fusion.encoder_trust(case.known)
    return alpha * trust * dense + (1 - alpha) * case.bm25 / max(float(case.bm25.max()), 1e-9)


def additive(case: Case, word: float, trusted: float | None) -> Vector:
    """The package's fusion with other constants; `trusted` None trusts the encoder always."""
    trust = 1.0 if trusted is None else fusion.encoder_trust(case.known, trusted)
    return trust * case.cosines + word * case.bm25 / fusion.unique_word(case.passages)


def package(case: Case) -> Vector:
    return fusion.fuse(case.cosines, case.bm25, passages=case.passages, known=case.known)


METHODS: Mapping[str, Method] = {
    "BM25": lambda case: case.bm25,
    "dense": lambda case: case.cosines,
    "RRF, k = 60": rrf,
    "min-max, 0.5": lambda case: min_max(case, 0.5),
    "z-score, 0.75": lambda case: z_score(case, 0.75),
    "theoretical minimum, 0.8": lambda case: theoretical_minimum(case, 0.8),
    "theoretical minimum, 0.9": lambda case: theoretical_minimum(case, 0.9),
    "theoretical minimum, 0.9, trust": lambda case: trusted_minimum(case, 0.9),
    "theoretical minimum, 0.93, trust": lambda case: trusted_minimum(case, 0.93),
    "additive, trust always": lambda case: additive(case, fusion.WORD, None),
    "additive (the package)": package,
}


def _ranks(scores: Vector) -> NDArray[np.int64]:
    """1-based rank of each."""
    ranks = np.empty(len(scores), np.int64)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return ranks


# Cases


def cases_of(folder: Path, encoder: Encoder, cache: Path | None) -> list[Case]:
    data = read_dataset(folder)
    names = list(data.documents)
    passages: list[Passage] = []
    owners: list[int] = []
    for number, name in enumerate(names):
        found = split(data.documents[name], encoder.token_offsets)
        passages += found
        owners += [number] * len(found)
    queries = {query: text for query, text in data.queries.items() if _is_judged(data, query)}
    vectors = _kept(cache, encoder, [one.encoded_text for one in passages], encoder.encode_passages)
    embedded = _kept(
        cache, encoder, list(queries.values()), lambda texts: np.stack([encoder.encode_query(text) for text in texts])
    )
    connection = _word_index(passages, [names[owner] for owner in owners])
    scores = embedded @ vectors.T  # (queries, passages)
    cases = []
    for row, (query, text) in enumerate(queries.items()):
        chosen, bm25 = _candidates(connection, text, scores[row])
        known = fusion.known_share(text, encoder.token_offsets(text))
        gains = _gains(data, query, names)
        cases.append(Case(np.array(owners)[chosen], scores[row][chosen], bm25, known, len(owners), gains))
    return cases


def _candidates(connection: sqlite3.Connection, text: str, cosines: Vector) -> tuple[NDArray[np.int64], Vector]:
    """The passages that either leg returns, (n,), and the BM25 of each."""
    words = count_words(connection, plain_query(text))
    by_words = keyword_leg(connection, words, DEPTH).ids - 1
    chosen = np.union1d(np.argsort(-cosines)[:DEPTH], by_words)
    scored = bm25_of(connection, words, (chosen + 1).tolist())
    return chosen, np.array([scored.get(one + 1, 0.0) for one in chosen.tolist()], np.float32)


def _word_index(passages: Sequence[Passage], names: Sequence[str]) -> sqlite3.Connection:
    """The package's tables in memory; passage i has rowid i + 1."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(TABLES)
    connection.executemany(
        "INSERT INTO words (rowid, text, context, name) VALUES (?, ?, ?, ?)",
        (
            (row, index_text(one.text), index_text(one.context), index_text(name))
            for row, (one, name) in enumerate(zip(passages, names, strict=True), start=1)
        ),
    )
    return connection


def _kept(
    cache: Path | None, encoder: Encoder, texts: list[str], encode: Callable[[list[str]], Vector]
) -> NDArray[np.float32]:
    if cache is None:
        return encode(texts)
    key = hashlib.sha256("\0".join([encoder.fingerprint, *texts]).encode()).hexdigest()
    file = cache / f"{key[:32]}.npy"
    if not file.exists():
        np.save(file, encode(texts))
    return np.asarray(np.load(file), np.float32)


def _is_judged(data: Dataset, query: str) -> bool:
    return any(grade > 0 for grade in data.judgements.get(query, {}).values())


def _gains(data: Dataset, query: str, names: Sequence[str]) -> Vector:
    grades = data.judgements[query]
    return np.array([max(0, grades.get(name, 0)) for name in names], np.float32)


# Measuring


def ndcg(case: Case, scores: Vector) -> float:
    """nDCG@10 of the documents, each ranked by its best passage."""
    ordered = case.documents[np.argsort(-scores, kind="stable")]
    _, first = np.unique(ordered, return_index=True)
    top = case.gains[ordered[np.sort(first)[:10]]]
    ideal = np.sort(case.gains)[::-1][:10]
    return _dcg(top) / _dcg(ideal)


def _dcg(gains: Vector) -> float:
    return sum(float(gain) / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def mean(cases: Sequence[Case], method: Method) -> float:
    return float(np.mean([ndcg(case, method(case)) for case in cases]))


def leave_one_out(sets: Mapping[str, Sequence[Case]], best: Mapping[str, float]) -> Iterator[tuple[str, float, str]]:
    """For each set its nDCG@10 with the constants that the other sets choose, and those constants."""
    grid = [(word, trusted) for word in WEIGHTS for trusted in TRUSTED]
    values = {
        (name, pair): mean(cases, lambda case, pair=pair: additive(case, *pair))  # type: ignore[misc]
        for name, cases in sets.items()
        for pair in grid
    }
    for held_out in sets:
        others = [name for name in sets if name != held_out]

        def worth(pair: tuple[float, float], others: list[str] = others) -> float:
            gains = [values[name, pair] - best[name] for name in others]
            return sum(gains) / len(gains) + 4 * sum(min(0.0, gain + TOLERANCE) for gain in gains)

        chosen = max(grid, key=worth)
        yield held_out, values[held_out, chosen], f"{chosen[0]:.2f}, {chosen[1]:.2f}"


def table(rows: Mapping[str, Mapping[str, float]], best: Mapping[str, float]) -> str:
    """Markdown: one row per method, one column per set, the loss against the better leg last."""
    lines = [f"| | {' | '.join(best)} | worst | mean / better legs |", "|---" * (len(best) + 3) + "|"]
    for method, values in rows.items():
        worst = min(values[name] - best[name] for name in best)
        ratio = sum(values.values()) / sum(best.values())
        cells = " | ".join(f"{values[name]:.3f}" for name in best)
        lines.append(f"| {method} | {cells} | {worst:+.3f} | {ratio:.3f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=SHARED / "data" / "beir")
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    encoder = Encoder.load()
    sets = {
        folder.name: cases_of(folder, encoder, options.cache)
        for folder in sorted(wanted(options.folder).iterdir())
        if (folder / "corpus.jsonl").exists()
    }
    rows = {name: {one: mean(cases, method) for one, cases in sets.items()} for name, method in METHODS.items()}
    best = {name: max(rows["BM25"][name], rows["dense"][name]) for name in sets}
    print(table(rows, best), "\n")
    held_out = {name: (value, constants) for name, value, constants in leave_one_out(sets, best)}
    print(table({"constants from the other sets": {name: value for name, (value, _) in held_out.items()}}, best), "\n")
    weights = {
        f"weight {word:.2f}": {
            name: mean(cases, lambda case, word=word: additive(case, word, fusion.TRUSTED))  # type: ignore[misc]
            for name, cases in sets.items()
        }
        for word in WEIGHTS
    }
    print(table(weights, best), "\n")
    known = {name: round(float(np.mean([case.known for case in cases])), 2) for name, cases in sets.items()}
    save("fusion", {"ndcg@10": rows, "held_out": held_out, "weights": weights, "known": known})


if __name__ == "__main__":
    main()
