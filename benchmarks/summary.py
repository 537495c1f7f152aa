"""How good are the summaries? No one wrote reference summaries for these texts, so three proxies are measured.

- *titles*: of abstracts and articles with a title, the share of the title's words found in the one sentence chosen.
  The title is not part of the text and was not shown to the encoder.
- *topics*: of five newspaper articles put together, how many are among the five passages chosen, and how alike
  these passages are.
- *documents*: sample documents, long handbook pages and 10-K reports: how near a passage's vector is on average to
  the nearest of five sentences, and how alike the sentences are. The package chooses with the encoder that measures:
  this says that it does what it means to do, not that a reader would agree.

    python benchmarks/summary.py [--shared FOLDER]
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from common import ROOT, SHARED, save, wanted

from localsearch import Index
from localsearch.encoder.onnx import Encoder
from localsearch.records import Block, BlockKind, Document
from localsearch.search.stopwords import STOP_WORDS
from localsearch.search.summary.centrality import likeness, relevant_and_different, representatives, without_repeats
from localsearch.search.summary.prose import candidates, one_line, worth_alone
from localsearch.search.summary.quote import best_sentences
from localsearch.sentences import sentences

TITLED = ("cisi", "cranfield", "medline", "clapnq-dev")
REPORTS = ("AMERICANWATERWORKS_2022_10K", "ACTIVISIONBLIZZARD_2019_10K", "PEPSICO_2023Q1_EARNINGS")
ABSTRACTS, GROUPS, PAGES = 120, 200, 40
"""Abstracts of each collection, groups of articles, handbook pages."""
FIVE = 5


def titled(folder: Path) -> Iterator[tuple[str, str]]:
    """Title and text of documents with five sentences or more, in random order."""
    rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text().splitlines()]
    random.Random(1).shuffle(rows)
    for row in rows:
        title, text = row["title"], row["text"]
        if folder.name == "medline":  # the title is the first sentence
            title, _, text = text.partition(" . ")
        text = text.removeprefix(title)
        text = re.sub(r" ([.,;?!])", r"\1", text).strip()
        text = re.sub(r"(^|[.?!] +)([a-z])", lambda match: match[1] + match[2].upper(), text)
        if len(candidates(text)) >= FIVE and len(words(title)) >= 3:
            yield title, text


def words(text: str) -> set[str]:
    """Content words, cut to six letters."""
    found = re.findall(r"[^\W\d_]{3,}", text.lower())
    return {word[:6] for word in found if word not in STOP_WORDS}


def titles(shared: Path, encoder: Encoder) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, list[float]]] = {}
    for name in TITLED:
        documents = islice(titled(wanted(shared / "data" / "beir" / name)), ABSTRACTS)
        for number, (title, text) in enumerate(documents):
            goal = words(title)
            for method, start, end in first_choices(text, encoder, number):
                share = len(goal & words(text[start:end])) / len(goal)
                table.setdefault(method, {}).setdefault(name, []).append(share)
    return {
        method: {name: round(statistics.mean(shares), 3) for name, shares in row.items()}
        for method, row in table.items()
    }


def first_choices(text: str, encoder: Encoder, seed: int) -> Iterator[tuple[str, int, int]]:
    """What each method would quote if it had one sentence."""
    found = candidates(text)
    shown = [text[one.start : one.end] for one in found]
    vectors = encoder.encode_passages(shown)
    own = encoder.encode_passages([text])
    spans = [(one.start, one.end) for one in found]
    yield "random", *spans[random.Random(seed).randrange(len(spans))]
    yield "longest", *max(spans, key=lambda span: span[1] - span[0])
    yield "LexRank", *spans[int(lexrank(vectors).argmax())]
    yield "like the text", *spans[int((vectors @ own[0]).argmax())]
    yield "first", *spans[0]
    plain = best_sentences([text], [0], {0: found}, 1)[0]
    yield "the package, no encoder", plain.start, plain.end
    best = best_sentences([text], [0], {0: found}, 1, anchors=own, encode=encoder.encode_passages)[0]
    yield "the package", best.start, best.end


def lexrank(vectors: np.ndarray) -> np.ndarray:
    """Continuous LexRank, damping 0.85 (Erkan and Radev, JAIR 2004)."""
    alike = np.maximum(vectors @ vectors.T, 0)
    step = alike / alike.sum(axis=1, keepdims=True)
    rank = np.full(len(vectors), 1 / len(vectors))
    for _ in range(50):
        rank = 0.15 / len(vectors) + 0.85 * (step.T @ rank)
    return rank


def topics(shared: Path) -> dict[str, dict[str, float]]:
    """Five passages of five articles, by several methods."""
    articles = [matrix for matrix in vectors_of_articles(shared) if len(matrix) > 1]
    scores: dict[str, list[tuple[float, float, float]]] = {}
    picking = random.Random(3)
    for _ in range(GROUPS):
        group = picking.sample(articles, FIVE)
        matrix = np.concatenate(group)
        article = np.repeat(np.arange(FIVE), [len(one) for one in group])
        first = np.concatenate([np.arange(len(one)) == 0 for one in group])
        for method, rows in five_passages(matrix, first).items():
            cosines = matrix @ matrix[rows].T
            among = cosines[rows]
            scores.setdefault(method, []).append(
                (len(set(article[rows])), cosines.max(axis=1).mean(), (among.sum() - FIVE) / (FIVE * FIVE - FIVE))
            )
    names = ("topics of 5", "coverage", "repetition")
    return {
        method: dict(zip(names, (round(float(value), 3) for value in np.mean(rows, axis=0)), strict=True))
        for method, rows in scores.items()
    }


def five_passages(matrix: np.ndarray, first: np.ndarray) -> dict[str, list[int]]:
    n = len(matrix)
    mean = matrix.mean(axis=0)
    central = matrix @ (mean / np.linalg.norm(mean))
    equal, alike = np.full(n, 1 / n, np.float32), likeness(matrix)
    ones = np.ones(n, np.float32)

    def cover(alike: np.ndarray, weights: np.ndarray, values: np.ndarray = ones) -> list[int]:
        return representatives(alike, weights, values.astype(np.float32), FIVE, lambda row: True)

    spread = without_repeats(alike, equal)
    return {
        "the first five": list(range(FIVE)),
        "evenly spread": [int(row) for row in np.linspace(0, n - 1, FIVE)],
        "most central": np.argsort(-central)[:FIVE].tolist(),
        "LexRank": np.argsort(-lexrank(matrix))[:FIVE].tolist(),
        "MMR, 0.7": relevant_and_different(matrix, central, FIVE, trade=0.7),
        "MMR, 0.5": relevant_and_different(matrix, central, FIVE, trade=0.5),
        "facility location, cosine": cover(np.sqrt(alike), equal),
        "facility location, cosine ^ 2": cover(alike, equal),
        "facility location, cosine ^ 4": cover(alike**2, equal),
        "cosine ^ 2, repeats count once": cover(alike, spread),
        "the package": cover(alike, spread, 1 + 0.3 * first),
    }


def vectors_of_articles(shared: Path) -> Iterator[np.ndarray]:
    """The stored vectors of the passages of each article of `time`."""
    lines = (wanted(shared / "data" / "beir" / "time") / "corpus.jsonl").read_text().splitlines()[:250]
    rows = [json.loads(line) for line in lines]
    documents = {f"/{row['_id']}": Document((Block(BlockKind.PARAGRAPH, row["text"]),)) for row in rows}
    with tempfile.TemporaryDirectory() as place, Index.create(place) as index:
        index.add_documents(documents)
        for path in documents:
            yield stored_vectors(index, path)


def stored_vectors(index: Index, path: str) -> np.ndarray:
    reader = index._reader
    ids = np.array([passage.id for passage in index.passages(path)])
    with reader.snapshot() as connection:
        return reader.vectors_of(connection, ids)[1]


def documents(shared: Path, encoder: Encoder) -> dict[str, object]:
    """Five sentences of real documents: the package, the first five and five at random."""
    pages = sorted((shared / "data" / "handbooks").rglob("*.md"), key=lambda path: (-path.stat().st_size, str(path)))
    reports = [wanted(shared / "data" / "financebench" / "pdfs" / f"{name}.pdf") for name in REPORTS]
    sets = {"sample_docs": [ROOT / "sample_docs"], "handbooks": pages[:PAGES], "reports": reports}
    result: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as place, Index.create(place) as index:
        for paths in sets.values():
            index.add(*paths)
        for name, paths in sets.items():
            files = [file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*.*")))]
            result[name] = five_sentences(index, encoder, files)
        result["milliseconds"] = times(index, reports)
    return result


def five_sentences(index: Index, encoder: Encoder, files: list[Path]) -> dict[str, dict[str, float]]:
    scores: dict[str, list[tuple[float, float, float]]] = {}
    for number, file in enumerate(files):
        try:
            passages = index.passages(file)
        except Exception:  # not indexed, or an archive or a mailbox
            continue
        everything = [one_line(p.text[start:end]) for p in passages for start, end in sentences(p.text)]
        if len(everything) <= 2 * FIVE:
            continue
        matrix = stored_vectors(index, str(file))
        chosen = {
            "the first five": everything[:FIVE],
            "five at random": random.Random(number).sample(everything, FIVE),
            "the package": [sentence.text for sentence in index.summarize(file)],
        }
        for method, texts in chosen.items():
            vectors = encoder.encode_passages(texts)
            among = vectors @ vectors.T
            apart = (among.sum() - len(texts)) / max(1, len(texts) * (len(texts) - 1))
            alone = statistics.mean(worth_alone(text) for text in texts)
            scores.setdefault(method, []).append(((matrix @ vectors.T).max(axis=1).mean(), apart, alone))
    names = ("coverage", "repetition", "stands alone")
    return {
        method: {"files": len(rows)}
        | dict(zip(names, (round(float(value), 3) for value in np.mean(rows, axis=0)), strict=True))
        for method, rows in scores.items()
    }


def times(index: Index, files: list[Path]) -> dict[str, dict[str, float]]:
    """Median of five, encoder loaded: reading a report's passages, and the whole summary."""
    result = {}
    for file in files:
        reading, whole = [], []
        for _ in range(FIVE):
            begin = time.perf_counter()
            passages = index.passages(file)
            stored_vectors(index, str(file))
            between = time.perf_counter()
            index.summarize(file)
            reading.append(between - begin)
            whole.append(time.perf_counter() - between)
        result[file.name] = {
            "passages": len(passages),
            "read": round(1000 * statistics.median(reading), 1),
            "summarize": round(1000 * statistics.median(whole), 1),
        }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the public test data")
    shared = parser.parse_args().shared
    encoder = Encoder.load()
    result = {"titles": titles(shared, encoder), "topics": topics(shared), "documents": documents(shared, encoder)}
    save("summary", result)


if __name__ == "__main__":
    main()
