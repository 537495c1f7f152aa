"""The sample documents answer the sample questions, through the encoder that ships."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from localsearch import Index, Mode
from tests.conftest import ROOT

SAMPLE = ROOT / "sample_docs"
DEMO = {
    "What may a hotel room in London cost at most?": "policies/travel-policy.pdf",
    "How quickly must I report that I sent personal data to the wrong address?": "policies/data-protection-policy.pdf",
    "Why did the chairman refrain from voting on the big investment?": "minutes/board-meeting-2024-09-12.docx",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with Index.create(tmp_path_factory.mktemp("sample") / "index") as index:
        index.add(SAMPLE)
        yield index


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]


def judged() -> dict[str, set[str]]:
    """The paths that answer each question."""
    texts = {str(row["_id"]): str(row["text"]) for row in rows("queries.jsonl")}
    found: dict[str, set[str]] = {text: set() for text in texts.values()}
    for line in (SAMPLE / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, path, grade = line.split("\t")
        if int(grade) > 0:
            found[texts[query]].add(path)
    return found


def paths(index: Index, text: str, **options: object) -> list[str]:
    return [str(hit.path.relative_to(SAMPLE)) for hit in index.search(text, **options)]


def test_the_documents_are_many_formats_and_all_give_text(index: Index) -> None:
    status = index.status()
    assert 30 <= status.files <= 60
    assert len(status.types) >= 12
    assert status.skipped == ()


def test_the_questions_are_not_indexed(index: Index) -> None:
    assert not [path for path in paths(index, "queries unanswerable", k=100) if path.endswith((".jsonl", "README.md"))]


def test_the_right_document_is_in_the_first_three(index: Index) -> None:
    questions = judged()
    assert len(questions) >= 40
    right = sum(bool(answers & set(list(dict.fromkeys(paths(index, text)))[:3])) for text, answers in questions.items())
    assert right / len(questions) >= 0.95


def test_the_right_page_is_found(index: Index) -> None:
    """Of the answers on a known page of a PDF, most are on a page of a hit among the first three."""
    texts = {row["_id"]: str(row["text"]) for row in rows("queries.jsonl")}
    placed = [row for row in rows("answers.jsonl") if row["page"] and str(row["path"]).endswith(".pdf")]
    found = sum(
        (row["path"], row["page"])
        in {(str(hit.path.relative_to(SAMPLE)), hit.page) for hit in index.search(texts[row["_id"]], k=3)}
        for row in placed
    )
    assert len(placed) >= 5
    assert found / len(placed) >= 0.8


@pytest.mark.parametrize(("question", "path"), DEMO.items())
def test_the_demo_prints_the_right_document_first(index: Index, question: str, path: str) -> None:
    assert paths(index, question, k=1) == [path]


def test_the_demo_asks_these_questions() -> None:
    asked = re.findall(r'query -k 1 "(.+)"', (ROOT / "Makefile").read_text())
    assert sorted(asked) == sorted(DEMO)


@pytest.mark.parametrize("text", ["合格品", "报销单"])
def test_chinese_words_are_found(index: Index, text: str) -> None:
    assert paths(index, text, k=1, mode=Mode.KEYWORD)[0].startswith("international/zh")


def test_shares_add_up_to_the_cosine_of_a_hundred_hits(index: Index) -> None:
    hits = [hit for row in rows("queries.jsonl")[:20] for hit in index.search(str(row["text"]), k=5, explain=True)]
    assert len(hits) == 100
    for hit in hits:
        explanation = hit.why.explanation
        assert explanation is not None
        total = sum(token.share for token in explanation.tokens) + explanation.context + explanation.frame
        assert total == pytest.approx(explanation.cosine, abs=1e-6)
        assert total == pytest.approx(hit.why.cosine, abs=1e-4)


def test_the_best_sentence_often_holds_the_answer(index: Index) -> None:
    """Of the answers in a passage found, most begin in its best sentence; benchmarks/best_sentence.py has the rest."""
    texts = {row["_id"]: str(row["text"]) for row in rows("queries.jsonl")}
    right, found = 0, 0
    for row in rows("answers.jsonl"):
        answer = str(row["answer"])
        hits = [hit for hit in index.search(texts[row["_id"]], k=5) if answer in hit.text]
        if hits:
            (explanation,) = index.explain(texts[row["_id"]], hits[:1])
            found += 1
            right += explanation.best[0] <= hits[0].text.index(answer) < explanation.best[1]
    assert found >= 40
    assert right / found >= 0.6


@pytest.mark.parametrize("question", DEMO)
def test_an_answer_stands_in_the_right_document(index: Index, question: str) -> None:
    answer = index.answer(question)
    assert answer.hit is not None
    assert str(answer.hit.path.relative_to(SAMPLE)) == DEMO[question]
    assert answer.hit.text[answer.start : answer.end] == answer.text


def test_what_is_answered_is_mostly_right_and_what_is_not_in_the_documents_gets_none(index: Index) -> None:
    given = [(answers, index.answer(text)) for text, answers in judged().items()]
    right = [
        answer.hit is not None and str(answer.hit.path.relative_to(SAMPLE)) in answers
        for answers, answer in given
        if answer.answered
    ]
    assert len(right) >= 20
    assert sum(right) / len(right) >= 0.85
    silent = [not index.answer(str(row["text"])).answered for row in rows("unanswerable.jsonl")]
    assert sum(silent) / len(silent) >= 0.7
