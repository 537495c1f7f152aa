"""Few passages for many: every subject once, what is said often no oftener."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from localsearch.search.summary.centrality import likeness, relevant_and_different, representatives, without_repeats


def around(*subjects: int, seed: int = 0) -> np.ndarray:
    """Unit vectors near as many axes as there are numbers, so many to each."""
    noise = np.random.default_rng(seed).normal(0, 0.15, (sum(subjects), 8)).astype(np.float32)
    vectors = np.repeat(np.eye(8, dtype=np.float32)[: len(subjects)], subjects, axis=0) + noise
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def ones(size: int) -> np.ndarray:
    return np.ones(size, np.float32)


def test_likeness_is_the_square_of_the_cosine_and_opposites_are_not_alike() -> None:
    vectors = np.array([[1, 0], [0.6, 0.8], [-1, 0]], np.float32)
    assert np.allclose(likeness(vectors), [[1, 0.36, 0], [0.36, 1, 0], [0, 0, 1]], atol=1e-6)


def test_each_subject_is_chosen_once_before_any_twice() -> None:
    vectors = around(9, 4, 2)
    chosen = representatives(likeness(vectors), ones(15), ones(15), 3, lambda row: True)
    assert sorted(np.searchsorted([9, 13], chosen, side="right")) == [0, 1, 2]


def test_greedy_comes_within_its_bound_of_the_best_choice() -> None:
    vectors = around(5, 4, 3, seed=3)
    alike, weights = likeness(vectors), np.linspace(1, 2, 12).astype(np.float32)

    def covered(rows: tuple[int, ...]) -> float:
        return float(weights @ alike[:, rows].max(axis=1))

    chosen = representatives(alike, weights, ones(12), 3, lambda row: True)
    best = max(covered(rows) for rows in combinations(range(12), 3))
    assert covered(tuple(chosen)) >= (1 - 1 / np.e) * best


def test_rows_that_are_not_fit_are_passed_over_and_asked_once() -> None:
    asked: list[int] = []

    def fit(row: int) -> bool:
        asked.append(row)
        return row >= 9

    chosen = representatives(likeness(around(9, 4, 2)), ones(15), ones(15), 15, fit)
    assert sorted(chosen) == list(range(9, 15))
    assert sorted(asked) == list(range(15))


def test_a_passage_of_more_value_speaks_for_its_like() -> None:
    vectors = np.repeat(np.eye(2, dtype=np.float32), 3, axis=0)
    values = np.array([1, 1.2, 1, 1, 1, 1.2], np.float32)
    assert sorted(representatives(likeness(vectors), ones(6), values, 2, lambda row: True)) == [1, 5]


def test_nothing_to_choose_from_gives_nothing() -> None:
    empty = np.empty((0, 4), np.float32)
    assert representatives(likeness(empty), ones(0), ones(0), 3, lambda row: True) == []
    assert relevant_and_different(empty, ones(0), 3) == []
    assert without_repeats(likeness(empty), ones(0)).tolist() == []


def test_what_is_said_five_times_counts_once() -> None:
    vectors = np.repeat(np.eye(2, dtype=np.float32), [5, 1], axis=0)
    weights = without_repeats(likeness(vectors), ones(6))
    assert weights[:5].sum() == pytest.approx(weights[5]) == pytest.approx(0.5)


def test_relevance_comes_first_and_repetition_last() -> None:
    vectors = np.array([[1, 0], [1, 0], [0.6, 0.8], [0, 1]], np.float32)
    relevance = np.array([0.9, 0.89, 0.7, 0.1], np.float32)
    assert relevant_and_different(vectors, relevance, 2, trade=0.9) == [0, 1]
    assert relevant_and_different(vectors, relevance, 2, trade=0.6) == [0, 2]
    assert sorted(relevant_and_different(vectors, relevance, 9)) == [0, 1, 2, 3]
