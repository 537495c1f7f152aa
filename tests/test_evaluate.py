"""The measures agree with trec_eval, and a wrong layout is named by file and line."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import pytrec_eval

from localsearch.errors import PathProblem
from localsearch.evaluate import ndcg, read_dataset, recall, reciprocal_rank


def test_measures_agree_with_trec_eval() -> None:
    chance = random.Random(7)
    names = [f"d{number}" for number in range(200)]
    for _ in range(50):
        ranked = chance.sample(names, 120)
        grades = {name: chance.choice([0, 1, 1, 2, 3]) for name in chance.sample(names, 30)}
        run = {"q": {name: float(-place) for place, name in enumerate(ranked[:100])}}
        judged = pytrec_eval.RelevanceEvaluator({"q": grades}, {"ndcg_cut_10", "recall_100"}).evaluate(run)["q"]
        assert ndcg(ranked, grades, 10) == pytest.approx(judged["ndcg_cut_10"])
        assert recall(ranked, grades, 100) == pytest.approx(judged["recall_100"])
        first = {"q": {name: float(-place) for place, name in enumerate(ranked[:10])}}
        rr = pytrec_eval.RelevanceEvaluator({"q": grades}, {"recip_rank"}).evaluate(first)["q"]["recip_rank"]
        assert reciprocal_rank(ranked, grades, 10) == pytest.approx(rr)


def dataset(folder: Path) -> Path:
    (folder / "qrels").mkdir()
    (folder / "corpus.jsonl").write_text(
        '{"_id": "a", "title": "T", "text": "alpha"}\n\n{"_id": "b", "text": "beta"}\n'
    )
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "what is alpha"}\n')
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t2\r\n")
    return folder


def test_reads_the_beir_layout(tmp_path: Path) -> None:
    data = read_dataset(dataset(tmp_path))
    assert data.documents["a"].title == "T"
    assert data.documents["b"].text == "beta"
    assert data.queries == {"q": "what is alpha"}
    assert data.judgements == {"q": {"a": 2}}


@pytest.mark.parametrize(
    ("file", "content", "place"),
    [
        ("corpus.jsonl", '{"_id": "a"}\n', "corpus.jsonl:1"),
        ("corpus.jsonl", '{"_id": "a", "text": "x"}\nnot json\n', "corpus.jsonl:2"),
        ("queries.jsonl", "[]\n", "queries.jsonl:1"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq a 1\n", "test.tsv:2"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, file: str, content: str, place: str) -> None:
    (dataset(tmp_path) / file).write_text(content)
    with pytest.raises(PathProblem, match=place):
        read_dataset(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (dataset(tmp_path) / "queries.jsonl").unlink()
    with pytest.raises(PathProblem, match=r"queries\.jsonl does not exist"):
        read_dataset(tmp_path)
