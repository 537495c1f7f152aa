"""`fast`: four of the default encoder's six layers, each with three quarters of its feed-forward neurons."""

from __future__ import annotations

from localsearch.compress.distill.config import DistillConfig

FAST = DistillConfig(
    name="fast",
    layers=(0, 2, 4, 5),
    targets=(1, 3, 4, 5),
    neurons=0.75,
    steps=4_500,  # x 5 bands x 1,024 pieces = 23 million pieces
    learning_rate=1e-3,
    band_tokens=1_024,
)
