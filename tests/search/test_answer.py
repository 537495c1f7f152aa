"""Whether a passage answers is told from its cosine and from how well it meets the question's words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from localsearch import Filters, Index
from localsearch.encoder.parts import Parts
from localsearch.records import Hit, Why
from localsearch.search.answer import Question, answer_from, confidence, question_words, rarity, words_met
from tests.conftest import TINY

TEXT = "Are dogs allowed in offices?"


def parts(rows: list[list[float]], spans: list[tuple[int, int] | None]) -> Parts:
    matrix = np.array(rows, np.float32)
    return Parts(matrix.sum(axis=0), matrix, tuple(spans))


def question(known: float = 1.0) -> Question:
    """Its tokens: the frame, `Are`, `dogs`, `allowed`, `in`, `office`, `s`."""
    rows = [[9.0, 9.0], [5.0, 5.0], [2.0, 0.0], [1.0, 1.0], [7.0, 7.0], [0.0, 3.0], [0.0, 1.0]]
    spans = [None, (0, 3), (4, 8), (9, 16), (17, 19), (20, 26), (26, 27)]
    return Question(TEXT, parts(rows, spans), {"dogs": 3.0, "allowed": 1.0, "offices": 2.0}, known)


def hit(cosine: float | None) -> Hit:
    return Hit(1, Path("/a.md"), "", "", None, "", 0.5, "Offices open at nine.", (), Why(cosine=cosine))


def test_each_word_counts_by_its_nearest_token_and_its_rarity() -> None:
    passage = np.array([[0.0, 5.0], [3.0, 4.0]], np.float32)
    asked = question()
    assert asked.parts is not None
    dogs, allowed, offices = 0.6, (3 + 4) / (5 * np.sqrt(2)), 1.0
    expected = (3 * dogs + 1 * allowed + 2 * offices) / 6
    assert words_met(asked, asked.parts, passage) == pytest.approx(expected, rel=1e-5)


def test_a_question_without_words_cannot_be_met() -> None:
    asked = replace(question(), text="Are in?")
    assert asked.parts is not None
    assert words_met(asked, asked.parts, np.eye(2, dtype=np.float32)) is None
    assert question_words("Are they in? Dogs, dogs!") == ["dogs"]


def test_confidence_grows_with_cosine_and_words_and_falls_where_the_encoder_knows_no_word() -> None:
    passage = parts([[1.0, 0.0], [0.0, 1.0]], [(0, 7), (8, 12)])
    poor = parts([[0.0, 1.0]], [(0, 7)])
    values = [
        confidence(question(), hit(0.6), passage),
        confidence(question(), hit(0.2), passage),
        confidence(question(), hit(0.2), poor),
        confidence(question(known=0.1), hit(0.2), poor),
    ]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 4
    assert all(0 < value < 1 for value in values)
    assert confidence(question(), hit(0.6), None) > confidence(question(), hit(0.2), None)


def test_rarer_words_weigh_more() -> None:
    assert rarity(0, 1000) > rarity(10, 1000) > rarity(1000, 1000) > 0


def test_no_hits_no_answer(tmp_path: Path) -> None:
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        answer = index.answer("harbour")
    assert (answer.answered, answer.hit, answer.text, answer.confidence) == (False, None, "", 0.0)


def test_an_answer_is_a_sentence_of_a_hit_that_passed_the_filters(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "harbour.md").write_text("The harbour office opens at seven. Ships report to the harbour master.\n")
    (documents / "lease.txt").write_text("The tenant gives notice. The rent is due on the first day.\n")
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(documents, workers=1)
        for text in ("When does the harbour office open?", "rent", "信息"):
            answer = index.answer(text)
            assert answer.hit is not None
            assert answer.hit.text[answer.start : answer.end] == answer.text
            assert answer.text.endswith(".")
            assert 0 <= answer.confidence <= 1
        found = index.answer("When does the harbour office open?", filters=Filters(types=("txt",))).hit
        assert found is not None
        assert found.path.name == "lease.txt"


def test_a_later_hit_must_be_clearly_surer(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("The harbour office opens at seven.\n")
    (tmp_path / "two.md").write_text("The harbour office opens at seven today.\n")
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(tmp_path / "one.md", tmp_path / "two.md", workers=1)
        hits = list(index.search("When does the harbour office open?"))
        encoder = index._load_encoder()
        asked = Question("harbour office", encoder.take_apart_query("harbour office"), {"harbour": 1, "office": 1}, 1.0)

        def chosen(first: float, second: float) -> int:
            sure = [replace(one, why=Why(cosine=value)) for one, value in zip(hits, (first, second), strict=True)]
            with index._reader.snapshot() as connection:
                found = answer_from(index._reader, connection, encoder, asked, sure).hit
            assert found is not None
            return found.rank

        assert chosen(0.40, 0.401) == 1
        assert chosen(0.10, 0.90) == 2
