"""How alike two encoders are, on vectors chosen by hand."""

from __future__ import annotations

import numpy as np
import pytest

from localsearch.compress.compare.agreement import likeness, nearest, overlap


def test_an_encoder_is_like_itself() -> None:
    vectors = np.random.default_rng(3).normal(size=(30, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = likeness(vectors, vectors)
    assert found.cosine == pytest.approx(1.0, abs=1e-6)
    assert found.overlap == 1.0


def test_neighbours_are_those_of_brute_force() -> None:
    vectors = np.random.default_rng(4).normal(size=(25, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for row, found in enumerate(nearest(vectors)):
        cosines = {other: float(vectors[row] @ vectors[other]) for other in range(25) if other != row}
        assert set(found.tolist()) == set(sorted(cosines, key=lambda one: -cosines[one])[:10])


def test_vectors_of_other_lengths_are_compared_by_neighbours_only() -> None:
    flat = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]], dtype=np.float32)
    deep = np.concatenate([flat, np.zeros((4, 3), np.float32)], axis=1)
    found = likeness(deep, flat)
    assert found.cosine is None
    assert found.overlap == 1.0


def test_overlap_is_a_share_of_the_neighbours() -> None:
    assert overlap(np.array([[1, 2], [0, 2]]), np.array([[2, 3], [3, 4]])) == 0.25
    assert overlap(np.zeros((1, 0), int), np.zeros((1, 0), int)) == 1.0
