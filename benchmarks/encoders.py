"""How do encoders compare on every judged collection: ranking, speed, bytes, memory?

Measured by `model compare`, all in one run: nDCG@10, dense and hybrid; passages a second and milliseconds a query, in
turns; parameters, bytes, peak memory. The first encoder is the one that the others are likened to. An encoder is named
as NAME=FOLDER, or `default`. Collections: folders in BEIR layout, or folders of such.

    python benchmarks/encoders.py RESULT ENCODER ... [--beir FOLDER ...]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from common import SHARED, save, wanted

from localsearch.compress.compare.material import gather
from localsearch.compress.compare.report import as_json, as_markdown
from localsearch.compress.compare.run import compare
from localsearch.encoder.onnx import DEFAULT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", help="name of the file in benchmarks/results")
    parser.add_argument("encoders", nargs="+", metavar="ENCODER")
    parser.add_argument("--beir", nargs="+", type=Path, default=[SHARED / "data" / "beir"], metavar="FOLDER")
    arguments = parser.parse_args()
    material = gather([wanted(folder) for folder in arguments.beir], None)
    found = compare(dict(map(placed, arguments.encoders)), material, tell=lambda line: print(line, file=sys.stderr))
    print(as_markdown(found))
    told = as_json(found)
    for encoder in told["encoders"]:
        del encoder["folder"]
    save(arguments.result, told)


def placed(encoder: str) -> tuple[str, Path]:
    """Its name and its folder."""
    name, _, folder = encoder.partition("=")
    return (name, wanted(Path(folder))) if folder else (name, DEFAULT)


main()
