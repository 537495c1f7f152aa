"""`base`: the shape of DistilBERT-base, six layers of 768, from every second layer of all-mpnet-base-v2."""

from __future__ import annotations

from localsearch.compress.distill.config import DistillConfig

BASE = DistillConfig(
    name="base",
    layers=(1, 3, 5, 7, 9, 11),
    targets=(1, 3, 5, 7, 9, 11),
    steps=6_000,  # x 5 bands x 1,638 pieces = 49 million pieces
    train_words=True,  # positions have to take over what MPNet's attention knows of distances
    check_every=200,
)
