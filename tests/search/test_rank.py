"""Both legs of a search see one state of the index, and what is remembered of it goes with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from localsearch.records import Filters, Mode
from localsearch.search import rank
from localsearch.search.query import parse_query
from localsearch.search.rank import EncodedQuery, Ranker, Request
from localsearch.store.snapshot import Reader
from localsearch.store.writer import Writer
from tests.store.builders import new_index, put, stored, vector_of


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = new_index(tmp_path / "index")
    with Writer(folder) as writer:
        put(writer, stored("a.txt", ["a heron on the pier"]), stored("b.txt", ["a gull on the pier"]))
    return folder


def request(text: str, mode: Mode = Mode.HYBRID) -> Request:
    return Request(parse_query(text), mode, Filters(), lambda: EncodedQuery(vector_of(text), 1.0), depth=10)


def test_a_commit_between_the_legs_is_not_seen_by_one_of_them(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keyword leg's connection begins to read after a commit that the search's own does not see."""
    reader = Reader(index)
    ranker, leg, seen = Ranker(reader), rank.keyword_leg, []

    def watched(connection, words, limit, clause=None, *, beside=False):
        found = leg(connection, words, limit, clause, beside=beside)
        seen.append(found.ids.tolist())
        return found

    monkeypatch.setattr(rank, "keyword_leg", watched)
    with reader.snapshot() as connection:
        before = reader.vectors(connection).passages
        with Writer(index) as writer:
            put(writer, stored("a.txt", ["a heron again"]), stored("c.txt", ["another heron"]))
        ranked = ranker.rank(connection, request("heron"))
        assert before == 2 and sorted(ranked.ids) == [1, 2]
        assert seen[-1] == [1]
        assert ranked.why(ranked.ids.index(1)).bm25 is not None
    with reader.snapshot() as connection:
        assert sorted(ranker.rank(connection, request("heron")).ids) == [2, 3, 4]
    ranker.close()
    reader.close()


def test_the_number_of_passages_with_a_word_is_counted_again_after_a_change(index: Path) -> None:
    reader = Reader(index)
    ranker = Ranker(reader)
    query = parse_query("heron pier")
    with reader.snapshot() as connection:
        assert list(ranker._count(connection, query).rows.values()) == [1, 2]
    with Writer(index) as writer:
        put(writer, *(stored(f"new{number}.txt", [f"heron {number}"]) for number in range(3)))
    with reader.snapshot() as connection:
        assert list(ranker._count(connection, query).rows.values()) == [4, 2]
    ranker.close()
    reader.close()


def test_a_score_that_one_leg_missed_is_had_from_the_other(index: Path) -> None:
    """A passage beyond the keyword leg's depth has its BM25 all the same."""
    reader = Reader(index)
    ranker = Ranker(reader)
    with Writer(index) as writer:
        put(writer, *(stored(f"new{number}.txt", [f"pier {'pier ' * number} quay"]) for number in range(6)))
    with reader.snapshot() as connection:
        one = Request(parse_query("pier"), Mode.HYBRID, Filters(), lambda: EncodedQuery(vector_of("x"), 1.0), depth=2)
        ranked = ranker.rank(connection, one)
        assert len(ranked.ids) > 2
        assert all(ranked.why(place).bm25 is not None for place in range(len(ranked.ids)))
    ranker.close()
    reader.close()
