"""Does a question in one language find the answer in another?

Collections that say the same in several languages, under the same ids: the questions of one are asked of the documents
of another, in every direction. Measured: nDCG@10 by meaning, by words and hybrid, as `localsearch eval` does.

    python benchmarks/crosslingual.py RESULT [--encoder FOLDER] [--languages de en zh] [--every N]
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from statistics import fmean

from common import SHARED, save, wanted

from localsearch.evaluate import Dataset, evaluate, read_dataset
from localsearch.records import Mode


def asked_of(questions: Dataset, documents: Dataset, every: int) -> Dataset:
    """The questions of one collection, each `every`th, and the documents of the other, judged as these are."""
    chosen = dict(list(questions.queries.items())[::every])
    return Dataset(documents.documents, chosen, documents.judgements)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", help="name of the file in benchmarks/results")
    parser.add_argument("--encoder", type=Path, help="a folder; the default encoder without")
    parser.add_argument("--collection", default="xquad", help="what the names of the folders begin with")
    parser.add_argument("--languages", nargs="+", default=["de", "en", "zh"])
    parser.add_argument("--every", type=int, default=1, help="ask each Nth question only")
    parser.add_argument("--folder", type=Path, default=SHARED / "data" / "beir")
    options = parser.parse_args()
    sets = {name: read_dataset(wanted(options.folder / f"{options.collection}-{name}")) for name in options.languages}
    table = {}
    for asked, written in product(sets, sets):
        found = evaluate(asked_of(sets[asked], sets[written], options.every), encoder=options.encoder)
        scores = {mode.value: round(found.modes[mode]["ndcg@10"], 4) for mode in Mode}
        table[f"{asked} to {written}"] = scores
        print(f"{asked} to {written}: {scores}", flush=True)
    across = [scores for pair, scores in table.items() if len(set(pair.split(" to "))) == 2]
    means = {mode.value: round(fmean(scores[mode.value] for scores in across), 4) for mode in Mode}
    least = {mode.value: min(scores[mode.value] for scores in across) for mode in Mode}
    save(options.result, {"ndcg@10": table, "mean across languages": means, "least": least})


main()
