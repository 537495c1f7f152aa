"""What a user types means what a user would expect, and never reaches FTS5 as its own syntax."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsearch.errors import QueryError
from localsearch.search.query import MAX_BYTES, MAX_WORDS, Query, parse_query, plain_query
from localsearch.store import schema
from localsearch.store.sqlite import sqlite3


def words(text: str) -> list[str]:
    return [word.replace('"', "") for word in parse_query(text).words]


def test_phrases_are_required_and_exclusions_left_out() -> None:
    assert parse_query('notice period "lease agreement" -draft -"not binding"') == Query(
        semantic="notice period lease agreement",
        words=('"notice"', '"period"', '"lease"', '"agreement"'),
        required=('"lease agreement"',),
        excluded=('"draft"', '"not binding"'),
    )


def test_curly_quotes_are_quotes() -> None:
    assert parse_query("“annual report” and „Bericht“ «rapport»").required == (
        '"annual report"',
        '"Bericht"',
        '"rapport"',
    )


@pytest.mark.parametrize(
    "text", ["-5 °C", "a - b", "follow-up", "--force", '5" pipe', '"', 'an "unbalanced quote', "x - -", '""', '"..."']
)
def test_dashes_and_quotes_that_are_no_operators(text: str) -> None:
    query = parse_query(text)
    assert query.required == () == query.excluded
    assert query.semantic == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is the notice period?", ["notice", "period"]),
        ("what is the", ["what", "is", "the"]),
        ("IT policy", ["it", "policy"]),
        ("WHAT IS THE POLICY", ["policy"]),
        ("cats OR dogs AND birds", ["cats", "dogs", "birds"]),
        ("company's doesn't l'entreprise", ["company", "entreprise"]),
        ("long-term follow-up", ["long", "term", "follow"]),
        ("part A-1234-X of COVID-19", ["part", "a-1234-x", "covid-19", "covid"]),
        ("1,234.56 €", ["1234.56"]),
        ("信息检索 水", ["信息", "息检", "检索", "水*"]),
        ("of\ufb01ce ＦＵＬＬ", ["office", "full"]),
        ("हिन्दी रिपोर्ट", ["हिन्दी", "रिपोर्ट"]),
        ("same Same SAME", ["same"]),
        ("???", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("text", ["", "  \n", "\0", "-draft", '-"not this" -that', "x" * (MAX_BYTES + 1)])
def test_refused(text: str) -> None:
    with pytest.raises(QueryError) as error:
        parse_query(text)
    assert error.value.hint


def test_pasted_text_has_no_operators() -> None:
    pasted = 'He said "never again" -really- ' + "word " * 40
    assert parse_query(pasted) == plain_query(pasted)
    assert plain_query(pasted).required == ()


def test_the_words_of_a_long_text_are_limited() -> None:
    assert len(parse_query(" ".join(f"w{i}" for i in range(400))).words) == MAX_WORDS


awkward = st.text(
    st.one_of(st.sampled_from("\"'-*^:(){}+ANDORNEAR\0“水信息.,1 "), st.characters(exclude_categories=["Cs"])),
    max_size=60,
)


@given(awkward)
def test_nothing_typed_is_an_fts5_expression(text: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema.TABLES)
    try:
        query = parse_query(text)
    except QueryError:
        query = Query("", ())
    for expression in filter(None, [query.match, *query.required, *query.excluded]):
        connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (expression,)).fetchone()
    connection.close()
