"""Judged collections made of the user's own passages, and collections found in folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from localsearch import Index
from localsearch.compress.compare.material import OWN, datasets, gather
from localsearch.compress.compare.pseudo import pseudo_dataset
from localsearch.errors import PathProblem, QueryError
from localsearch.records import IndexedPassage
from tests.compress.compare.conftest import write_collection
from tests.conftest import TINY

LONG = (
    "The tenant tells the landlord three months before moving out. The rent is due on the first working day of each "
    "month. Pets are welcome after the neighbours have been asked. Bicycles stand in the cellar."
)


def passage(number: int, text: str, context: str = "") -> IndexedPassage:
    return IndexedPassage(number, 0, text, context, 0, len(text), None, "")


def test_a_query_is_a_sentence_that_its_passage_no_longer_holds() -> None:
    passages = [passage(3, LONG, "House rules\nhead | row"), passage(5, "Short."), passage(9, LONG.upper())]
    data = pseudo_dataset(passages)
    assert set(data.documents) == {"3", "5", "9"}
    assert set(data.queries) == {"3", "9"}  # nothing can be taken out of "Short."
    assert data.judgements == {name: {name: 1} for name in data.queries}
    for name, text in (("3", LONG), ("9", LONG.upper())):
        query = data.queries[name]
        assert query in text and query not in data.documents[name].text
        assert len(data.documents[name].text) + len(query) + 1 == len(text)
    assert data.documents["3"].title == "House rules"
    assert data.documents["5"].text == "Short."


def test_of_copies_one_is_taken() -> None:
    assert set(pseudo_dataset([passage(1, LONG), passage(2, LONG)]).documents) == {"2"}


def test_the_same_seed_gives_the_same_queries_and_no_more_than_asked() -> None:
    passages = [passage(number, f"{LONG} Number {number}.") for number in range(9)]
    assert len(pseudo_dataset(passages, queries=4).queries) == 4
    assert pseudo_dataset(passages, queries=4) == pseudo_dataset(passages, queries=4)


def test_passages_without_sentences_are_refused() -> None:
    with pytest.raises(QueryError, match="sentences enough"):
        pseudo_dataset([passage(1, "Too short.")])


def test_a_folder_of_collections_means_each_of_them(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write_collection(tmp_path / name)
    assert [folder.name for folder in datasets(tmp_path)] == ["a", "b"]
    assert [folder.name for folder in datasets(tmp_path / "b")] == ["b"]
    with pytest.raises(PathProblem, match="holds no judged collection"):
        datasets(tmp_path / "a" / "qrels")


def test_material_of_an_index_and_a_collection(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    for number in range(3):
        (tmp_path / "texts" / f"{number}.txt").write_text(f"{LONG} Number {number}.")
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(tmp_path / "texts")
        sampled = index.sample(2)
        assert len(sampled) == 2 and sampled == index.sample(2)
        assert [one.id for one in index.sample(99)] == sorted(one.id for one in index.sample(99))
        assert len(index.sample(99)) == 3
    found = gather([write_collection(tmp_path / "judged")], tmp_path / "index", passages=5)
    assert list(found.sets) == [OWN, "judged"]
    assert len(found.sets[OWN].queries) == 3
    assert len(found.passages) == 5  # three of the index, two of the collection
    assert set(found.queries) == set(found.sets[OWN].queries.values()) | {"a notice period", "ten bolts"}


def test_nothing_to_measure_on_is_said() -> None:
    with pytest.raises(QueryError, match="nothing to measure on"):
        gather([], None)
