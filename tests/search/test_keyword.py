"""BM25 ranks as it should, filters come first, and leaving out frequent words does not change the best."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from localsearch.records import Filters
from localsearch.search import keyword
from localsearch.search.filters import allowed
from localsearch.search.keyword import beside_meaning, bm25_of, count_words, keyword_leg
from localsearch.search.query import parse_query
from localsearch.store.sqlite import sqlite3

AddPassage = Callable[..., int]


def test_the_best_match_comes_first_and_higher_is_better(connection: sqlite3.Connection, add: AddPassage) -> None:
    for number in range(20):
        add(f"other text number {number}")
    both, one = add("the notice period of the lease"), add("a notice on the board")
    ranking = keyword_leg(connection, count_words(connection, parse_query("What is the notice period?")), 10)
    assert ranking.ids.tolist() == [both, one]
    assert ranking.scores[0] > ranking.scores[1] > 0
    assert ranking.ids.dtype == "int64"
    assert ranking.scores.dtype == "float32"


def test_context_counts(connection: sqlite3.Connection, add: AddPassage) -> None:
    for _ in range(9):
        add("nothing of the kind")
    found = add("thirty days", context="Lease > Notice period")
    ranking = keyword_leg(connection, count_words(connection, parse_query("notice period")), 10)
    assert ranking.ids.tolist() == [found]
    assert ranking.scores[0] > 0


def test_filters_come_before_the_limit(connection: sqlite3.Connection, add: AddPassage) -> None:
    for number in range(30):
        add("lease lease lease", path=f"/docs/{number}.pdf", kind="pdf")
    wanted = add("a lease among many other words that make it rank last", path="/docs/x.docx", kind="docx")
    query = parse_query("lease")
    clause = allowed(connection, Filters(types=("docx",)), query)
    assert keyword_leg(connection, count_words(connection, query), 5, clause).ids.tolist() == [wanted]


def test_no_words_no_hits(connection: sqlite3.Connection, add: AddPassage) -> None:
    add("anything")
    assert keyword_leg(connection, count_words(connection, parse_query("???")), 5).ids.tolist() == []
    assert bm25_of(connection, count_words(connection, parse_query("???")), [1]) == {}


def test_scores_of_given_passages_are_those_of_the_ranking(connection: sqlite3.Connection, add: AddPassage) -> None:
    ids = [add(f"lease {'notice ' * (number % 4)} {'word ' * number}") for number in range(12)]
    without = add("unrelated")
    query = parse_query("lease notice")
    ranking = keyword_leg(connection, count_words(connection, query), 50)
    scores = bm25_of(connection, count_words(connection, query), [*ids[:6], without])
    expected = dict(zip(ranking.ids.tolist(), ranking.scores.tolist(), strict=True))
    assert scores.keys() == set(ids[:6])
    assert scores == pytest.approx({one: expected[one] for one in ids[:6]}, rel=1e-5)


@pytest.fixture
def crowd(connection: sqlite3.Connection, add: AddPassage) -> sqlite3.Connection:
    """400 passages: `common` in nearly half of them, `rare` in 40, `single` in one."""
    chance = random.Random(7)
    for number in range(400):
        words = ["common"] * (number % 9 in (1, 3, 5, 7)) + ["rare"] * (number % 10 == 0)
        words += ["single"] * (number == 50) + [f"filler{chance.randrange(99)}" for _ in range(chance.randrange(5, 40))]
        chance.shuffle(words)
        add(" ".join(words))
    return connection


def limit_rows(monkeypatch: pytest.MonkeyPatch, to_score: int, enough: int) -> None:
    monkeypatch.setattr(keyword, "_ROWS_TO_SCORE", to_score)
    monkeypatch.setattr(keyword, "_ENOUGH_ROWS", enough)


def test_leaving_out_a_frequent_word_keeps_the_best(crowd: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    query = parse_query("common rare single")
    everything = keyword_leg(crowd, count_words(crowd, query), 10)
    limit_rows(monkeypatch, 60, 20)
    assert list(count_words(crowd, query).rarest(keyword._ROWS_TO_SCORE, keyword._ENOUGH_ROWS).rows) == [
        '"rare"',
        '"single"',
    ]
    pruned = keyword_leg(crowd, count_words(crowd, query), 10)
    assert pruned.ids.tolist() == everything.ids.tolist()
    assert pruned.scores.tolist() == pytest.approx(everything.scores.tolist())


def test_leaving_out_a_frequent_word_never_costs_results(
    crowd: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = parse_query("common single")
    limit_rows(monkeypatch, 10, 1)
    assert list(count_words(crowd, query).rarest(keyword._ROWS_TO_SCORE, keyword._ENOUGH_ROWS).rows) == ['"single"']
    assert len(keyword_leg(crowd, count_words(crowd, query), 30).ids) == 30


def test_a_long_question_drops_its_most_frequent_words_beside_meaning(
    crowd: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = parse_query("common rare single filler1")
    assert list(beside_meaning(count_words(crowd, query)).rows) == list(query.words)
    monkeypatch.setattr(keyword, "_ROWS_TO_FIND", 60)
    monkeypatch.setattr(keyword, "_ENOUGH_WORDS", 1)
    assert '"common"' not in beside_meaning(count_words(crowd, query)).rows
    monkeypatch.setattr(keyword, "_ENOUGH_WORDS", 4)
    assert list(beside_meaning(count_words(crowd, query)).rows) == list(query.words)
