"""What does each way of pruning the default encoder cost in ranking, and what does it bring?

Variants, each made by `localsearch.compress.prune` and stored in int8 as the default is: half of the weights zero by
Wanda and by magnitude, two of every four by both, a quarter and a half of the feed-forward neurons removed; and, with
--recover STEPS, half of the weights by magnitude in eight rounds and half of the neurons, both trained afterwards. All
are calibrated on 128 passages of --text. Measured by `model compare` beside the unpruned encoder in the same run: dense
and hybrid nDCG@10 on every collection, bytes, bytes zipped, zeros, and passages a second as a ratio to the unpruned.

    python benchmarks/prune.py [VARIANT ...] [--text FOLDER ...] [--sets NAME ...] [--recover STEPS] [--work FOLDER]

Encoders and what was measured of them stay in the working folder: what is there already is neither made nor measured
again, so a long run can be cut in pieces. Needs the extra `compress`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import SHARED, save, wanted

from localsearch.compress.compare.material import SPEED_PASSAGES, datasets, gather
from localsearch.compress.compare.report import as_json
from localsearch.compress.compare.run import Material, compare
from localsearch.compress.prune.cuts import Cuts, Masking, Method, Pattern
from localsearch.compress.prune.run import prune_encoder
from localsearch.compress.prune.work import Wanted
from localsearch.encoder.onnx import DEFAULT
from localsearch.evaluate import Dataset, read_dataset

VARIANTS = {
    "wanda-50": Cuts(masking=Masking(0.5)),
    "magnitude-50": Cuts(masking=Masking(0.5, Method.MAGNITUDE)),
    "wanda-2to4": Cuts(masking=Masking(0.5, pattern=Pattern.TWO_OF_FOUR)),
    "magnitude-2to4": Cuts(masking=Masking(0.5, Method.MAGNITUDE, Pattern.TWO_OF_FOUR)),
    "neurons-50": Cuts(neurons=0.5),
    "neurons-25": Cuts(neurons=0.25),
}
TRAINED = {
    "magnitude-50-trained": Cuts(masking=Masking(0.5, Method.MAGNITUDE), rounds=8),
    "neurons-50-trained": Cuts(neurons=0.5),
}
WORK = Path(tempfile.gettempdir()) / "localsearch-prune"
UNPRUNED = "unpruned"
MEASURED = "measured.json"
QUICK = "adi"
"""The collection that `prune_encoder` itself measures on: the smallest."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variants", nargs="*", metavar="VARIANT", help=f"{', '.join([*VARIANTS, *TRAINED])}; all")
    parser.add_argument("--text", nargs="+", type=Path, default=[SHARED / "data" / "handbooks"], metavar="FOLDER")
    parser.add_argument("--beir", type=Path, default=SHARED / "data" / "beir", metavar="FOLDER")
    parser.add_argument("--sets", nargs="+", default=[], metavar="NAME", help="of the collections; all unless given")
    parser.add_argument("--passages", type=int, default=SPEED_PASSAGES, metavar="N", help="that speed is measured on")
    parser.add_argument("--recover", type=int, default=0, metavar="STEPS")
    parser.add_argument("--work", type=Path, default=WORK, metavar="FOLDER")
    options = parser.parse_args()

    known = VARIANTS | (TRAINED if options.recover else {})
    if strangers := [name for name in options.variants if name not in known]:
        parser.error(f"no variant {strangers[0]!r}; there are {', '.join(known)} (trained ones with --recover STEPS)")
    names = options.variants or list(known)
    folders = [wanted(options.beir / name) for name in options.sets] or datasets(wanted(options.beir))
    quick = {QUICK: read_dataset(wanted(options.beir / QUICK))}
    for name in names:
        make(name, known[name], options, quick)
    measure(names, gather(folders, None, passages=options.passages), options)
    measured = json.loads((options.work / MEASURED).read_text())
    save(
        "prune",
        {
            "encoders": {name: measured[name] for name in [UNPRUNED, *known] if name in measured},
        },
    )


def make(name: str, cuts: Cuts, options: argparse.Namespace, quick: dict[str, Dataset]) -> None:
    """Prune the default encoder, unless it is there already."""
    folder = options.work.absolute() / name
    if folder.exists():
        return
    say(f"making {name}")
    texts = tuple(wanted(path) for path in options.text)
    steps = options.recover if name in TRAINED else 0
    prune_encoder(Wanted(DEFAULT, folder, cuts, texts, sets=quick, recover=steps), say, tell_steps)


def measure(names: list[str], material: Material, options: argparse.Namespace) -> None:
    """All variants that have no measurement on these collections yet, beside the unpruned encoder, in one run."""
    work: Path = options.work
    path = work / MEASURED
    measured: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    new = [name for name in names if not set(material.sets) <= set(measured.get(name, {}).get("ndcg@10", ()))]
    if not new:
        return
    found = as_json(compare({UNPRUNED: DEFAULT, **{name: work / name for name in new}}, material, tell=say))
    unpruned = found["encoders"][0]
    for row in found["encoders"]:
        del row["folder"]
        row["speed ratio"] = round(row["passages_per_second"] / unpruned["passages_per_second"], 3)
        row["load before"] = round(found["machine"]["load"], 2)
        row["text"] = [text.name for text in options.text]
        row["steps of recovery"] = options.recover if row["name"] in TRAINED else 0
        measured[row["name"]] = row
    path.write_text(json.dumps(measured, indent=1) + "\n")


def tell_steps(training: Any) -> None:
    look = training.looks[-1]
    if look.step == training.step:
        say(f"step {look.step:,}: held out: cosine {look.cosine:.3f}, overlap {look.overlap:.3f}")


def say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()
