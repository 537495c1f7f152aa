"""How good is the ranking of BM25, dense and hybrid on every judged collection?

Measured: nDCG@10, recall@100 and MRR@10 by `localsearch eval`, plus the share of the sample questions whose document is
in the top 3. Collections: every folder in BEIR layout below the one given.

    python benchmarks/quality.py [FOLDER] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from common import ROOT, SHARED, save, wanted

from localsearch import Index, Mode
from localsearch.evaluate import evaluate


def sample_questions() -> dict[str, float]:
    """Share of the questions with a judged document first, and among the first three, by mode."""
    folder = ROOT / "sample_docs"
    judged = read_judged(folder)
    shares: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place, Index.create(place) as index:
        index.add(folder)
        for mode in Mode:
            ranked = {
                text: [str(hit.path.relative_to(folder.resolve())) for hit in index.search(text, k=10, mode=mode)]
                for text in judged
            }
            for top in (1, 3):
                right = sum(
                    bool(judged[text] & set(list(dict.fromkeys(paths))[:top])) for text, paths in ranked.items()
                )
                shares[f"{mode.value} top {top}"] = round(right / len(judged), 4)
    return shares


def read_judged(folder: Path) -> dict[str, set[str]]:
    """Question and the paths that answer it."""
    texts = {row["_id"]: row["text"] for row in map(json.loads, (folder / "queries.jsonl").read_text().splitlines())}
    judged: dict[str, set[str]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text().splitlines()[1:]:
        query, path, grade = line.split("\t")
        if int(grade) > 0:
            judged.setdefault(texts[query], set()).add(path)
    return judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "data" / "beir")
    parser.add_argument("--only", nargs="*", help="names of collections")
    arguments = parser.parse_args()
    table = {}
    for dataset in sorted(wanted(arguments.folder).iterdir()):
        if arguments.only and dataset.name not in arguments.only:
            continue
        result = evaluate(dataset)
        table[dataset.name] = {
            mode.value: {name: round(value, 4) for name, value in scores.items()}
            for mode, scores in result.modes.items()
        }
        print(dataset.name, {mode: scores["ndcg@10"] for mode, scores in table[dataset.name].items()}, flush=True)
    save("quality", {"collections": table, "sample_docs": sample_questions()})


main()
