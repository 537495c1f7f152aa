"""Make the default encoder from the original weights, check it, and write its card.

    python -m localsearch.compress.default [FOLDER] [--beir COLLECTIONS]

BERT weights -> DistilBERT -> outliers evened out -> ONNX, float32 -> ONNX, int8. Nothing is written to FOLDER
unless every check passes: the source's sha256, float32 parity with sentence-transformers, int8 against float32.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.compress.build import About, build, facts
from localsearch.compress.folder import write_card
from localsearch.compress.measure import agreement, encode_dataset, largest_difference, original
from localsearch.compress.source import PACKAGE, SHA256, VERSION, find_source
from localsearch.encoder.card import CARD
from localsearch.encoder.onnx import DEFAULT, Encoder
from localsearch.errors import EncoderError, LocalSearchError

if TYPE_CHECKING:
    from transformers import DistilBertModel

COLLECTIONS = ("medline", "cranfield", "cisi", "stackfaq-answeronly")
LARGEST_DIFFERENCE = 1e-5
"""Between float32 and sentence-transformers, in any number of any vector."""
LEAST_MEAN_COSINE = 0.995
"""Between int8 and float32."""
LARGEST_LOSS = 0.01
"""nDCG@10 that int8 may lose on any collection; the loss is noise of either sign."""

NOTICE = """\
The encoder in this folder is a converted and quantised copy of sentence-transformers/all-MiniLM-L6-v2,
Copyright the sentence-transformers authors, licensed under the Apache License, Version 2.0.

It was fine-tuned from nreimers/MiniLM-L6-H384-uncased, a reduction of Microsoft's MiniLM (MIT License,
Copyright (c) Microsoft Corporation), which was distilled from BERT. The vocabulary is that of BERT
(Apache License, Version 2.0, Copyright the Google AI Language Team authors).

Changes made by this project: conversion from the BERT to the DistilBERT architecture, rescaling of outlier
channels, export to ONNX with pooling and normalisation, 8-bit weights. card.json says how and with what effect.
"""


ABOUT = About(
    name="all-minilm-l6-distilbert",
    licence="Apache-2.0",
    origin="sentence-transformers/all-MiniLM-L6-v2",
    notice=NOTICE,
    max_tokens=256,  # the original's own limit
    command="python -m localsearch.compress.default",
)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m localsearch.compress.default", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--beir", type=Path, default=Path("../shared/data/beir"), metavar="COLLECTIONS")
    options = parser.parse_args(arguments)
    try:
        make(options.folder, options.beir)
    except LocalSearchError as error:
        sys.exit(" ".join(filter(None, (error.message, error.hint))))


def make(folder: Path, beir: Path) -> None:
    """Make the encoder and put it into `folder`. Raises EncoderError when a check fails, PathProblem without data."""
    source = find_source()
    model = load_original(source)
    with tempfile.TemporaryDirectory(prefix="localsearch-encoder-") as place:
        exact, small = Path(place) / "float32", Path(place) / "int8"
        build(model, source, ABOUT, exact=exact, small=small, keep_weights=False)  # it ships in the package
        measured = check(exact, small, source, beir)
        write_card(small, facts(model, ABOUT, "int8") | measured | {"versions": versions()})
        install(small, folder)
    _say(f"The encoder is in {folder}.")


def load_original(source: Path) -> DistilBertModel:
    """The original's weights in a DistilBertModel."""
    from transformers import BertModel
    from transformers.utils import logging

    from localsearch.compress.convert import to_distilbert

    logging.disable_progress_bar()
    return to_distilbert(BertModel.from_pretrained(source, local_files_only=True).eval())


def check(exact: Path, small: Path, source: Path, beir: Path) -> dict[str, Any]:
    """Measure both encoders; what the card says about it. Raises EncoderError when one is not good enough."""
    encoders = {"float32": Encoder.load(exact), "int8": Encoder.load(small)}
    difference = largest_difference(encoders["float32"], original(source), ABOUT.max_tokens)
    _say(f"float32 differs from sentence-transformers by {difference:.1e} at most.")
    _demand(difference <= LARGEST_DIFFERENCE, f"float32 is not the original: it differs by {difference:.1e}")

    encoded = {
        dtype: {name: encode_dataset(encoder, beir / name) for name in COLLECTIONS}
        for dtype, encoder in encoders.items()
    }
    quality = {name: {dtype: round(encoded[dtype][name].ndcg10, 4) for dtype in encoders} for name in COLLECTIONS}
    for name, scores in quality.items():
        _say(f"{name}: nDCG@10 {scores['float32']:.4f} float32, {scores['int8']:.4f} int8.")
        _demand(scores["float32"] - scores["int8"] <= LARGEST_LOSS, f"int8 ranks {name} worse than float32")

    alike = agreement(encoded["int8"], encoded["float32"])
    _say(f"int8 against float32: cosine {alike.mean:.5f} on average, {alike.least:.5f} at least.")
    _demand(alike.mean >= LEAST_MEAN_COSINE, "int8 is too far from float32")
    return {
        "source": {"package": f"{PACKAGE}=={VERSION}", "sha256": SHA256},
        "parity": {
            "float32_to_sentence_transformers": {"largest_difference": float(f"{difference:.1e}")},
            "int8_to_float32": {
                "texts": alike.texts,
                "mean_cosine": round(alike.mean, 5),
                "least_cosine": round(alike.least, 5),
            },
        },
        "quality": {"dense ndcg@10": quality},
    }


def versions() -> dict[str, str]:
    """Of the libraries that made the encoder."""
    return {name: version(name) for name in ("torch", "transformers", "sentence-transformers", "onnx", "onnxruntime")}


def install(made: Path, folder: Path) -> None:
    """Put the files of `made` into `folder`, the card last: until then the old card refuses the new files."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(made.iterdir(), key=lambda path: path.name == CARD):
        shutil.copyfile(path, folder / path.name)


def _demand(condition: bool, complaint: str) -> None:
    if not condition:
        raise EncoderError(f"The encoder was not written: {complaint}.")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()
