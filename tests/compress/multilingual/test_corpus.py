"""Rows come in an order of which every beginning is a fair sample."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localsearch.compress.multilingual.corpus import load_rows, ordered, read_rows, write_rows
from localsearch.errors import PathProblem


def test_rows_of_one_english_text_become_one(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    first.write_text(json.dumps({"en": "a bolt", "de": "ein Bolzen"}) + "\n" + json.dumps({"text": "alone"}) + "\n")
    second.write_text(json.dumps({"en": "a bolt", "de": "Schraube", "fr": "un boulon"}) + "\n")
    assert read_rows([first, second]) == [{"en": "a bolt", "de": "ein Bolzen", "fr": "un boulon"}, {"en": "alone"}]


def test_a_beginning_has_every_length_and_rare_languages_early() -> None:
    rows = [{"en": "word " * (2 + number % 200) + str(number), "de": "Wort"} for number in range(2_000)]
    rows += [{"en": f"rare {number} " * 5, "th": "คำ"} for number in range(20)]
    rows += [{"en": f"alone {number} " * 5} for number in range(500)]
    first = ordered(rows, 600)
    assert first == ordered(rows, 600), "the same every time"
    assert sum("th" in row for row in first) >= 15
    letters = [
        sum(len(row["en"]) for row in first if low <= len(row["en"]) < high) for low, high in ((0, 500), (500, 2_000))
    ]
    assert letters[1] > letters[0] / 6
    assert 0.05 < sum(len(row) == 1 for row in first) / len(first) < 0.7


def test_rows_are_written_and_read(tmp_path: Path) -> None:
    rows = [{"en": "one", "zh": "一"}, {"en": "two"}]
    write_rows(tmp_path / "rows.jsonl", rows)
    assert load_rows(tmp_path / "rows.jsonl") == rows
    assert load_rows(tmp_path / "rows.jsonl", 1) == rows[:1]
    with pytest.raises(PathProblem, match="cannot be read"):
        load_rows(tmp_path / "absent")
