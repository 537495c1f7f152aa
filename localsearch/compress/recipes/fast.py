"""`fast`: four of the default encoder's six layers, for about 1.4 times its speed."""

from __future__ import annotations

from localsearch.compress.distill.config import DistillConfig

FAST = DistillConfig(
    name="fast",
    layers=(0, 2, 4, 5),
    targets=(1, 3, 4, 5),
    steps=2_400,  # x 5 bands x 1,024 pieces = 12 million pieces
    learning_rate=1e-3,
    band_tokens=1_024,
)
