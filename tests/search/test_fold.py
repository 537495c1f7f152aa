"""Copies are folded; two versions that differ in a number, a word or what they stand under are two texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsearch.search.fold import _plain, copies, is_continued, is_said
from localsearch.store.snapshot import StoredPassage

SENTENCES = [
    f"Clause {word}: the tenant keeps the {word} of the house in good order at all times. " for word in "abcdefgh"
]
TEXT = "".join(SENTENCES)


def passage(number: int, text: str, context: str = "Lease", vector: int | None = None) -> StoredPassage:
    return StoredPassage(
        number, number if vector is None else vector, number, b"", "", "", None, "", context, text, b"", True
    )


@pytest.mark.parametrize(
    "other",
    [
        TEXT,
        TEXT.replace(" ", "\n"),
        TEXT.upper().replace(":", ' | :"'),
        "".join(SENTENCES[1:]),
        "".join(SENTENCES[:-1]),
        "".join([*SENTENCES[1:], "Clause x: all else is left to the law of the land and its courts."]),
        f"Some words before. {TEXT}",
    ],
)
def test_copies(other: str) -> None:
    assert copies([passage(0, TEXT), passage(1, other)]) == [0, 0]
    assert copies([passage(0, other), passage(1, TEXT)]) == [0, 0]


@pytest.mark.parametrize(
    "other",
    [
        TEXT.replace("Clause e", "Clause 5"),
        TEXT.replace("keeps the d of", "does not keep the d of"),
        f"{TEXT} The rent is 500.",
        f"1. {TEXT}",
        TEXT.replace("Clause a", "Term a"),
        TEXT.replace("the h of", "any h of"),
        "Some other words stand before it. " * 2 + TEXT[: int(0.75 * len(TEXT))],
        "".join(SENTENCES[3:]),
        TEXT[: len(TEXT) // 2] + "Another clause comes between. " + TEXT[len(TEXT) // 2 :],
        "Another text altogether. " * 20,
    ],
)
def test_different_texts(other: str) -> None:
    assert copies([passage(0, TEXT), passage(1, other)]) == [0, 1]
    assert copies([passage(0, other), passage(1, TEXT)]) == [0, 1]


def test_three_quarters_in_common_are_not_enough() -> None:
    one, other = _plain(TEXT), _plain("Some other words stand before it. " * 2 + TEXT[: int(0.75 * len(TEXT))])
    assert not is_continued(one, other) and not is_continued(other, one)


def test_table_rows_with_one_number_changed_stay_apart() -> None:
    rows = "".join(f"item {letter} | 10 | 20\n" for letter in "abcdefghijklmnopqrstuvwxyz")
    for at in (5, 12, len(rows) - 4):
        changed = rows[:at] + rows[at:].replace("20", "21", 1)
        assert copies([passage(0, rows), passage(1, changed)]) == [0, 1]


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("Lease", "Lease", True),
        ("", "Lease > Notice", True),
        ("Lease", "LEASE > Notice", True),
        ("Accepted risks of 5.1", "Accepted risks of 5.2", False),
        ("Accepted risks of 5.0", "Accepted risks of 5.0.6", False),
        ("Relay > Alerts", "Gateway > Alerts", False),
    ],
)
def test_what_stands_above_must_not_differ(one: str, other: str, said: bool) -> None:
    assert is_said(one, other) is is_said(other, one) is said
    assert copies([passage(0, TEXT, one), passage(1, TEXT, other)]) == [0, 0 if said else 1]


def test_short_texts_are_copies_only_with_the_same_vector() -> None:
    assert copies([passage(0, "Total: none", "A"), passage(1, "Total: none", "")]) == [0, 1]
    assert copies([passage(0, "Total: none", vector=9), passage(1, "Total: none", vector=9)]) == [0, 0]


def test_copies_of_copies_have_one_first() -> None:
    assert copies([passage(0, "x"), passage(1, TEXT), passage(2, TEXT + "So be it."), passage(3, TEXT)]) == [0, 1, 1, 1]
    assert copies([passage(0, TEXT), passage(1, f"{TEXT} So.", vector=7), passage(2, f"{TEXT} So.", vector=7)]) == [
        0,
        0,
        0,
    ]
    assert copies([]) == []


@given(st.text("ab1 |", max_size=900), st.text("ab1 |", max_size=900))
def test_being_continued_goes_both_ways(one: str, other: str) -> None:
    assert is_continued(one, other) is is_continued(other, one) or min(len(one), len(other)) >= 300
    assert is_continued(_plain(one), _plain(one)) is (len(_plain(one)) >= 300)
