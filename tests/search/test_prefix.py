"""The last word may be unfinished: it finds what it may become, however the stemmer cuts that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from localsearch.search.highlight import matched_spans
from localsearch.search.keyword import count_words, keyword_leg
from localsearch.search.prefix import prefix_expression, stems
from localsearch.search.query import parse_query
from localsearch.store.sqlite import sqlite3

AddPassage = Callable[..., int]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("contr", "the contract"),
        ("contractu", "contractual terms"),
        ("runn", "running costs"),
        ("runnin", "running costs"),
        ("running", "he runs"),
        ("universit", "a university"),
        ("organizati", "their organization"),
        ("leaseh", "leasehold"),
        ("lease", "leasehold"),
        ("kündig", "die Kündigungsfrist"),
        ("kundig", "die Kündigungsfrist"),
        ("part A-12", "A-123-X"),
        ("pre-contrac", "pre-contract"),
        ("水", "水道"),
        ("信息检", "信息检索系统"),
        ("계약", "계약서를"),
        ("notice per", "period"),
        ("हिन्", "हिन्दी रिपोर्ट"),
    ],
)
def test_finds_and_marks_what_the_word_may_become(
    connection: sqlite3.Connection, add: AddPassage, typed: str, text: str
) -> None:
    found = add(text)
    query = parse_query(typed, prefix=True)
    assert keyword_leg(connection, count_words(connection, query), 9).ids.tolist() == [found]
    assert matched_spans([text], query) != [()]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("contr ", "the contract"),
        ("contr.", "the contract"),
        ('"contr"', "the contract"),
        ("contr type:txt", "the contract"),
        ("co", "the contract"),
        ("the", "a theatre"),
        ("running", "a runway"),
        ("general", "the genesis"),
        ("carpet", "a car"),
        ("add", "an ad"),
    ],
)
def test_finished_and_short_words_find_no_more_than_themselves(
    connection: sqlite3.Connection, add: AddPassage, typed: str, text: str
) -> None:
    add(text)
    assert keyword_leg(connection, count_words(connection, parse_query(typed, prefix=True)), 9).ids.tolist() == []


def test_without_being_asked_no_word_is_a_prefix() -> None:
    assert parse_query("notice contr").words == ('"notice"', '"contr"')
    assert parse_query("notice contr", prefix=True).words == ('"notice"', '"contr" *')


def test_a_completed_word_is_not_counted_twice() -> None:
    assert prefix_expression("contract") == '"contract" *', "contracting has the same stem"


def test_stems_are_those_of_the_index() -> None:
    assert stems(["running", "Policies", "Kündigung", "run"]) == ["run", "polici", "kundigung", "run"]
