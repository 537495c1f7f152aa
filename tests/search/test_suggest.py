"""A misspelled word gets the word that was meant, as a passage spells it; what is no slip gets nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsearch.search.query import parse_query
from localsearch.search.suggest import edits_between, suggestions
from localsearch.store.sqlite import connect, sqlite3

TEXTS = [
    "The indemnity covers both parties to the agreement.",
    "Die Kündigungsfrist beträgt drei Monate.",
    "Committees receive the financial statements quickly.",
    "The contract. Another contract. Contracts end.",
    "A contrast.",
    "The colour of the house; houses",
    "信息检索系统 的 计算",
    "Payment within 30 days to GDPX-99 Zürich",
]


@pytest.fixture
def suggest(connection: sqlite3.Connection, add: Callable[..., int]) -> Callable[..., dict[str, str]]:
    for text in TEXTS:
        add(text)

    def suggest(query: str, *, prefix: bool = False) -> dict[str, str]:
        return {one.word: one.instead for one in suggestions(connection, parse_query(query, prefix=prefix))}

    return suggest


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("indemnitiy", "indemnity"),
        ("indmenity", "indemnity"),
        ("nidemnity", "indemnity"),
        ("ndemnity", "indemnity"),
        ("Aggreement", "agreement"),
        ("comittees", "Committees"),
        ("recieve", "receive"),
        ("statments", "statements"),
        ("kündigungsfrsit", "Kündigungsfrist"),
        ("kundigungsfrst", "Kündigungsfrist"),
        ("contratc", "contract"),
        ("hous", "house"),
        ("houze", "house"),
        ("zurch", "Zürich"),
        ("INDEMNITIY", "indemnity"),
    ],
)
def test_what_was_meant(suggest: Callable[..., dict[str, str]], typed: str, instead: str) -> None:
    assert suggest(f"the {typed}") == {typed.lower(): instead}


@pytest.mark.parametrize(
    "query",
    [
        "indemnity agreement",
        "agreements",
        "teh",
        "GDPR",
        "gdpx98",
        "A-1234-X",
        "zeppelin",
        "信息检系统",
        "계산",
        "-indemnitiy house",
        "author:indemnitiy house",
        "indemnitiy aggreement recieve statments",
        "???",
    ],
)
def test_what_is_no_slip(suggest: Callable[..., dict[str, str]], query: str) -> None:
    assert suggest(query) == {}


def test_words_in_a_phrase_and_several_words(suggest: Callable[..., dict[str, str]]) -> None:
    assert suggest('"the indemnitiy" aggreement') == {"indemnitiy": "indemnity", "aggreement": "agreement"}


def test_a_word_that_is_not_finished_is_not_misspelled(suggest: Callable[..., dict[str, str]]) -> None:
    assert suggest("the indemnitiy", prefix=True) == {}
    assert suggest("the aggreement indemn", prefix=True) == {"aggreement": "agreement"}


def test_the_more_frequent_word_wins(connection: sqlite3.Connection, add: Callable[..., int]) -> None:
    for text in ["a planet", "a plant", "the plant", "plants"]:
        add(text)
    assert [one.instead for one in suggestions(connection, parse_query("plannt"))] == ["plant"]


def test_it_works_on_a_connection_that_cannot_write(
    tmp_path: Path, connection: sqlite3.Connection, add: Callable[..., int]
) -> None:
    add(TEXTS[0])
    connection.commit()
    connection.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    reader = connect(tmp_path / "copy.db", writable=False)
    for _ in range(2):
        reader.execute("BEGIN")
        assert [one.instead for one in suggestions(reader, parse_query("indemnitiy"))] == ["indemnity"]
        reader.execute("ROLLBACK")
    reader.close()


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("", "", 0), ("abc", "abc", 0), ("", "abc", 3), ("ab", "ba", 1), ("kitten", "sitting", 3), ("abcd", "badc", 2)],
)
def test_edits(one: str, other: str, edits: int) -> None:
    assert edits_between(one, other) == edits == edits_between(other, one)


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 3))
def test_edits_are_symmetric_and_bounded(one: str, other: str, most: int) -> None:
    edits = edits_between(one, other)
    assert edits == edits_between(other, one)
    assert (edits == 0) == (one == other)
    assert abs(len(one) - len(other)) <= edits <= max(len(one), len(other))
    assert edits_between(one, other, most) == min(edits, most + 1)
