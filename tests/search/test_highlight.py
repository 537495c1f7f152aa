"""What is marked is what matched, in the text as the user sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsearch.search.highlight import matched_spans
from localsearch.search.query import Query, parse_query


def marked(text: str, query: str) -> list[str]:
    (spans,) = matched_spans([text], parse_query(query))
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("The leases were leased by lessors.", "leasing", ["leases", "leased"]),
        ("Naïve façades", "naive FACADE", ["Naïve", "façades"]),
        ("co\u00adop\u00aderation, of\ufb01ce", "cooperation office", ["co\u00adop\u00aderation", "of\ufb01ce"]),
        ("信息检索系统很好", "检索系统", ["检索系统"]),
        ("Total: 1,234.56 EUR", "1234.56", ["1,234.56"]),
        ("part A-1234-X, not 1234", "a-1234-x", ["A-1234-X"]),
        ("the lease agreement; an agreement", '"lease agreement"', ["lease agreement", "agreement"]),
        ("marks \x02 and \x03 in a text", "text marks", ["marks", "text"]),
        ("nothing here", "absent", []),
    ],
)
def test_marks(text: str, query: str, expected: list[str]) -> None:
    assert marked(text, query) == expected


def test_many_texts_at_once() -> None:
    texts = ["no", "a lease", "", "lease lease"]
    assert matched_spans(texts, parse_query("lease")) == [(), ((2, 7),), (), ((0, 5), (6, 11))]


def test_a_query_without_words_marks_nothing() -> None:
    assert matched_spans(["text"], Query("???", ())) == [()]


@given(st.lists(st.text("ab信息检ﬁ\u00ad ,.1２ｶﾞน้ำ\x02\x03", max_size=30), max_size=4))
def test_spans_are_sorted_apart_and_inside(texts: list[str]) -> None:
    for text, spans in zip(texts, matched_spans(texts, parse_query("ab 信息 1 ガ น้ำ a")), strict=True):
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(set(edges))
        assert all(0 <= edge <= len(text) for edge in edges)
