"""What does the default encoder lose by being stored in eight bits, on every judged collection?

Measured: nDCG@10, dense and hybrid, of the encoder in the package (int8), of its float32 version, made from the
original weights, and, where the CPU has VNNI, of int8-full; bytes of the files that each runs with, their share;
passages a second and milliseconds a query, in turns.
Collections: every folder in BEIR layout below the one given. Needs the extra `compress` and the original's package.

    python benchmarks/quantize.py [FOLDER]
"""

from __future__ import annotations

import argparse
import os
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
from localsearch.compress.kinds import Kind, need_vnni
from localsearch.compress.requantize import Wanted, quantize_encoder
from localsearch.compress.source import find_source
from localsearch.encoder.onnx import DEFAULT
from localsearch.errors import EncoderError


def shares(small: dict[str, Any], exact: dict[str, Any]) -> dict[str, Any]:
    """One encoder as a share of float32, by collection and for bytes and speed."""
    return {
        "ndcg@10": {
            name: {mode: round(small["ndcg@10"][name][mode] / scores[mode], 4) for mode in ("dense", "hybrid")}
            for name, scores in exact["ndcg@10"].items()
        },
        "mean": {mode: round(small["mean"][mode] / exact["mean"][mode], 4) for mode in ("dense", "hybrid")},
        **{key: round(small[key] / exact[key], 4) for key in ("bytes", "passages_per_second", "query_ms")},
    }


def make_full(place: Path) -> dict[str, Path]:
    """The default encoder in all 8 bits; nothing where the CPU cannot compute it."""
    try:
        need_vnni()
    except EncoderError as error:
        say(str(error))
        return {}
    os.environ["XDG_DATA_HOME"] = str(place)
    name = Kind.INT8_FULL.value
    return {name: quantize_encoder(Wanted(DEFAULT, name, Kind.INT8_FULL, {}, (), 1.0, keep_weights=False), say)}


def say(line: str) -> None:
    print(line, file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "data" / "beir")
    arguments = parser.parse_args()
    material = gather([wanted(arguments.folder)], None)
    source = find_source()
    with tempfile.TemporaryDirectory() as place:
        exact = Path(place) / "float32"
        build(load_original(source), source, ABOUT, exact=exact, small=Path(place) / "int8", keep_weights=False)
        encoders = {"float32": exact, "int8": DEFAULT} | make_full(Path(place))
        found = compare(encoders, material, tell=say)
    told = as_json(found)
    for encoder in told["encoders"]:
        del encoder["folder"]
    print(as_markdown(found))
    first, *others = told["encoders"]
    save("quantize", {"shares of float32": {one["name"]: shares(one, first) for one in others}, **told})


main()
