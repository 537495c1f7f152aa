"""Which sentences of the chosen passages are quoted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from localsearch.search.summary.prose import candidates
from localsearch.search.summary.quote import Quote, best_lines, best_sentences

TEXTS = [
    "The office is open from seven to five every day. Ships report to the harbour master on channel twelve.",
    "The tenant pays the rent on the first day. The landlord repairs the roof and the walls of the house.",
]
FOUND = {row: candidates(text) for row, text in enumerate(TEXTS)}


def said(quotes: Sequence[Quote], texts: Sequence[str] = TEXTS) -> list[str]:
    return [texts[quote.row][quote.start : quote.end] for quote in quotes]


def about_the_second(sentences: Sequence[str]) -> np.ndarray:
    """Sentences about ships and roofs are like their passage, others not."""
    alike = [[1, 0] if "Ships" in text or "roof" in text else [0, 1] for text in sentences]
    return np.array(alike, np.float32)


ANCHORS = np.array([[1, 0], [1, 0]], np.float32)


def test_without_an_encoder_the_first_sentence_of_each_passage_is_quoted() -> None:
    assert said(best_sentences(TEXTS, [1, 0], FOUND, 2)) == [
        "The tenant pays the rent on the first day.",
        "The office is open from seven to five every day.",
    ]


def test_with_an_encoder_the_sentence_most_like_its_passage_is_quoted() -> None:
    quotes = best_sentences(TEXTS, [0, 1], FOUND, 2, anchors=ANCHORS, encode=about_the_second)
    assert said(quotes) == [
        "Ships report to the harbour master on channel twelve.",
        "The landlord repairs the roof and the walls of the house.",
    ]


def test_second_sentences_come_only_after_every_passage_had_one() -> None:
    quotes = best_sentences(TEXTS, [0, 1], FOUND, 3, anchors=ANCHORS, encode=about_the_second)
    assert [quote.row for quote in quotes] == [0, 1, 0]
    assert len(best_sentences(TEXTS, [0, 1], FOUND, 50)) == 4


def test_the_encoder_sees_about_thirty_sentences_at_most() -> None:
    long = " ".join(f"Paragraph {number} says something of its own here." for number in range(100))
    seen: list[str] = []

    def encode(sentences: Sequence[str]) -> np.ndarray:
        seen.extend(sentences)
        return np.ones((len(sentences), 1), np.float32)

    texts = [long, long.replace("Paragraph", "Section")]
    found = {row: candidates(text) for row, text in enumerate(texts)}
    best_sentences(texts, [0, 1], found, 2, anchors=np.ones((2, 1), np.float32), encode=encode)
    assert len(seen) == 30


def test_what_stands_everywhere_is_quoted_last_and_nothing_twice() -> None:
    formula = "This paper is confidential and belongs to the company."
    texts = [f"{formula} The number of ships grew by {number} in the year." for number in range(3)]
    found = {row: candidates(text) for row, text in enumerate(texts)}
    quotes = said(best_sentences(texts, [0, 1, 2], found, 9), texts)
    assert quotes == [f"The number of ships grew by {number} in the year." for number in range(3)] + [formula]


def test_of_tables_the_first_line_and_the_fullest_ones_are_quoted() -> None:
    texts = [
        "article | price | remark\nbolt | 0.20 |\nwasher | 0.05 | a new supplier",
        "nut | 0.10 |\nnail | 0.01 | sold",
    ]
    quotes = said(best_lines(texts, [1, 0], 3), texts)
    assert quotes == ["article | price | remark", "nail | 0.01 | sold", "washer | 0.05 | a new supplier"]
    assert len(best_lines(texts, [1, 0], 50)) == 5
