"""Sentences end where a reader would say they end."""

from __future__ import annotations

import pytest

from localsearch.sentences import sentences, sentences_and_rows

ONE = [
    "Mr. Smith paid $3.50 to J. R. Tolkien, e.g. in cash.",
    "See Fig. 3 and No. 5.",
    "Am 3. März kam z.B. Herr Dr. Müller.",
    "They wait... and wait.",
    "Version 2.5.1 works.",
    "A line that was\nwrapped by hand.",
]
MANY = [
    ["“Really?”", "He said “No.”", "Then he left."],
    ["Wow?!", "Yes."],
    ["今天天气很好。", "“真的吗？”", "好"],
    ["- item one", "- item two", "1. First", "2) Second"],
    ["Opening hours:", "Monday to Friday"],
    ["¿Dónde está?", "Allí."],
]


@pytest.mark.parametrize("text", ONE)
def test_no_false_boundary(text: str) -> None:
    assert list(sentences(text)) == [(0, len(text))]


@pytest.mark.parametrize("parts", MANY)
@pytest.mark.parametrize("gap", ["\n", "\n\n", " \n "])
def test_boundaries(parts: list[str], gap: str) -> None:
    text = gap.join(parts) if parts[-1] != "好" else "".join(parts)
    assert [text[start:end] for start, end in sentences(text)] == parts


def test_blanks_belong_to_no_sentence() -> None:
    assert list(sentences(" \n\t ")) == []
    assert list(sentences("  One.  Two. ")) == [(2, 6), (8, 12)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("name | price\nbolt | 0.20\n\nOne. Two.", ["name | price", "bolt | 0.20", "One.", "Two."]),
        ("One line.\nAnother\nline.\n \na | b", ["One line.", "Another\nline.", "a | b"]),
        ("Title\n\n  \n\na. | b! | c\n  d\n", ["Title", "a. | b! | c", "d"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_rows_of_tables_stay_whole(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences_and_rows(text)] == parts
