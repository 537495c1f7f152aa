"""`fast`: half the layers of the default encoder, for about twice its speed."""

from __future__ import annotations

from localsearch.compress.distill.config import DistillConfig

FAST = DistillConfig(
    name="fast",
    layers=(0, 3, 5),  # of all triples these agree most with the whole before training: 55 % of the nearest ten texts
    targets=(1, 3, 5),
    steps=2_400,  # x 5 bands x 1,024 pieces = 12 million pieces
    learning_rate=1e-3,
    band_tokens=1_024,
)
