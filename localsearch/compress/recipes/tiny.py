"""`tiny`: two layers of the default encoder and half its vocabulary, for the smallest devices."""

from __future__ import annotations

from localsearch.compress.distill.config import DistillConfig

TINY = DistillConfig(
    name="tiny",
    layers=(0, 5),
    targets=(2, 5),
    vocabulary=16_000,  # word embeddings are two thirds of the bytes; rarer words are spelled from smaller pieces
    steps=3_000,  # x 5 bands x 1,024 pieces = 15 million pieces
    learning_rate=1e-3,
    band_tokens=1_024,
)
