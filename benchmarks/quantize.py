"""What does the default encoder lose by being stored in eight bits, on every judged collection?

Measured: nDCG@10, dense and hybrid, of the encoder in the package and of its float32 version, made from the original
weights; bytes of the files that each runs with, their share; passages a second and milliseconds a query, in turns.
Collections: every folder in BEIR layout below the one given. Needs the extra `compress` and the original's package.

    python benchmarks/quantize.py [FOLDER]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import SHARED, save, wanted

from localsearch.compress.build import build
from localsearch.compress.compare.material import gather
from localsearch.compress.compare.report import as_json, as_markdown
from localsearch.compress.compare.run import compare
from localsearch.compress.default import ABOUT, load_original
from localsearch.compress.source import find_source
from localsearch.encoder.onnx import DEFAULT


def shares(told: dict[str, Any]) -> dict[str, Any]:
    """int8 as a share of float32, by collection and for bytes and speed."""
    exact, small = told["encoders"]
    return {
        "ndcg@10": {
            name: {mode: round(small["ndcg@10"][name][mode] / scores[mode], 4) for mode in ("dense", "hybrid")}
            for name, scores in exact["ndcg@10"].items()
        },
        "mean": {mode: round(small["mean"][mode] / exact["mean"][mode], 4) for mode in ("dense", "hybrid")},
        **{key: round(small[key] / exact[key], 4) for key in ("bytes", "passages_per_second", "query_ms")},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "data" / "beir")
    arguments = parser.parse_args()
    material = gather([wanted(arguments.folder)], None)
    source = find_source()
    with tempfile.TemporaryDirectory() as place:
        exact = Path(place) / "float32"
        build(load_original(source), source, ABOUT, exact=exact, small=Path(place) / "int8", keep_weights=False)
        found = compare({"float32": exact, "int8": DEFAULT}, material, tell=lambda line: print(line, file=sys.stderr))
    told = as_json(found)
    for encoder in told["encoders"]:
        del encoder["folder"]
    print(as_markdown(found))
    save("quantize", {"int8 as a share of float32": shares(told), **told})


main()
