"""A trained student as an encoder folder: exported, quantised, and its card written with all that made it."""

from __future__ import annotations

import math
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from localsearch.compress.build import About, build, facts
from localsearch.compress.default import versions
from localsearch.compress.distill.plot import plot
from localsearch.compress.distill.run import CURVE, Distillation, load_tokenizer
from localsearch.compress.folder import write_card
from localsearch.compress.workplace import put
from localsearch.encoder.onnx import Encoder

if TYPE_CHECKING:
    from localsearch.compress.distill.train import Look

LOSSES = {
    "sentence": "1 - cosine of the vectors (Reimers and Gurevych, EMNLP 2020)",
    "similarity": "divergence of the cosines to the other texts of a step (Fang et al., SEED, ICLR 2021)",
    "hidden": "squared difference of the word pieces' vectors after matched layers (Jiao et al., TinyBERT, 2020)",
}

NOTICE = """\
The encoder in this folder was trained to give the vectors of {teacher} (licence: {teacher_licence}).
It began with layers {layers} of {begins} (licence: {begins_licence}).

card.json says with which losses, on how much text, and with what effect. The text itself is not in this folder;
weights that were trained on confidential text should be kept as the text is.
"""


def publish(done: Distillation, command: str) -> Path:
    """Write the encoder folder of a finished training; its path. The student cannot be run in torch afterwards."""
    made, out = done.place / "made", done.request.out
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    exact, small = made / "float32", made / "int8"
    student, about = done.training.student, _about(done, command)
    texts = _held_out_texts(done)
    build(student, done.tokenizer, about, exact=exact, small=small)
    told = {"parity": {"int8_to_float32": parity(exact, small, texts)}, "distillation": told_of(done)}
    (small / CURVE).write_text(plot(done.training.looks, done.training.last_step), encoding="utf-8")
    write_card(small, facts(student, about, "int8") | told | {"versions": versions()})
    put(small, out)
    return out


def told_of(done: Distillation) -> dict[str, Any]:
    """What the card says of the training: parent, text, losses, numbers, and the curve."""
    config, training = done.config, done.training
    weights = {name: getattr(config, f"{name}_weight") for name in LOSSES}
    return {
        "teacher": {"name": done.teacher.name, "fingerprint": done.teacher.fingerprint},
        "begins_with": {
            "name": done.begins.name,
            "fingerprint": done.begins.fingerprint,
            "layers": list(config.layers),
        },
        "losses": {name: {"weight": weights[name], "what": what} for name, what in LOSSES.items()},
        "config": asdict(config),
        "steps": training.step,
        "word_pieces_read": training.step * config.band_tokens * len(config.bands),
        "texts": [
            {"name": source.name, "texts": source.texts, "word_pieces": done.stream.pieces(source)}
            for source in done.stream.sources
        ],
        "cpu_seconds": round(training.cpu_seconds),
        "curve": [numbers(look) for look in training.looks],
    }


def numbers(look: Look) -> dict[str, float | None]:
    """Of one look, for the card."""
    rounded = {name: round(value, 4) for name, value in asdict(look).items() if name != "cpu_seconds"}
    return {name: None if math.isnan(value) else value for name, value in rounded.items()}


def _about(done: Distillation, command: str) -> About:
    licences = dict.fromkeys((done.teacher.licence, done.begins.licence))
    return About(
        name=done.config.name,
        licence=" and ".join(licences),
        origin=f"distilled from {done.teacher.name}",
        notice=NOTICE.format(
            teacher=done.teacher.name,
            teacher_licence=done.teacher.licence,
            layers=", ".join(map(str, done.config.layers)),
            begins=done.begins.name,
            begins_licence=done.begins.licence,
        ),
        max_tokens=done.config.bands[-1][1],
        command=command,
        query_prefix=done.teacher.query_prefix,
        passage_prefix=done.teacher.passage_prefix,
    )


def _held_out_texts(done: Distillation) -> list[str]:
    """What was never learned from, spelled out again from its word pieces."""
    tokenizer = load_tokenizer(done.tokenizer)
    rows = [row for rows in done.training.held_out for row in rows]
    return [tokenizer.decode([int(piece) for piece in row]) for row in rows]


def parity(exact: Path, small: Path, texts: list[str]) -> dict[str, Any]:
    """How close the vectors of two encoder folders are, for the card."""
    cosines = np.sum(Encoder.load(exact).encode_passages(texts) * Encoder.load(small).encode_passages(texts), axis=1)
    return {
        "texts": len(texts),
        "mean_cosine": round(float(cosines.mean()), 5),
        "least_cosine": round(float(cosines.min()), 5),
    }
