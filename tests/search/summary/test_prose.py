"""What may stand in a summary: whole sentences that can be read without their neighbours."""

from __future__ import annotations

import pytest

from localsearch.search.summary.prose import candidates, lines, prose, worth_alone

GOOD = [
    "The tenant gives six months of notice before the end of a quarter.",
    "Sales in the third quarter came to £10.94 million, 7.1 per cent more than a year ago.",
    "“We had a good year,” said the chair of the board.",
    "Der Vertrag beginnt am 1. April 2025 und läuft drei Jahre.",
    "夜间十点以后到达的，可以乘坐出租车。",
]
NO_SENTENCES = [
    "Notice",
    "Item 7. Management's Discussion ........ 31",
    "Bolt | 0.20 | 0.25 | a new supplier since the first of May",
    "Total 2,530 215 2,745 78.3 % 2,308 252 2,560 74.2 %",
    "ANNUAL REPORT PURSUANT TO SECTION 13 OF THE SECURITIES EXCHANGE ACT.",
    "and other taxes that the tenant must pay under this lease.",
    "The following are not paid by the company:",
    "(Exact name of the registrant as specified in its charter)",
    "Indicate by check mark whether the registrant is a large filer ☒ or not ☐.",
    "Name of the employee ________ and date of the request ________ please.",
    "From Orla Penniston <canteen@tarnwick.example> to everyone in the company",
    "State or other jurisdiction of incorporation (I.R.S.",
    "Choose the [local voucher](travel-guide.md) option when you claim costs.",
    "word " * 90 + "end.",
]


@pytest.mark.parametrize("sentence", GOOD)
def test_a_sentence_that_stands_alone_has_full_worth(sentence: str) -> None:
    assert worth_alone(sentence) == 1.0


@pytest.mark.parametrize("sentence", NO_SENTENCES)
def test_what_is_no_sentence_has_none(sentence: str) -> None:
    assert worth_alone(sentence) == 0.0


@pytest.mark.parametrize(
    "leaning",
    [
        "However, the tenant gives six months of notice before the end of a quarter.",
        "The notice of the tenant is described in Section 5 of the lease agreement.",
        "Please refer to the glossary for what the tenant and the landlord mean by notice.",
        "Does the tenant give six months of notice before the end of a quarter?",
        "The tenant gives six months of notice before the end of a quarter",
        "12 The tenant gives six months of notice before the end of a quarter.",
        "The tenant leaves in May.",
        "The tenant " + "and the landlord " * 15 + "agree.",
    ],
)
def test_what_leans_on_something_else_or_is_long_is_worth_less(leaning: str) -> None:
    assert 0.0 < worth_alone(leaning) < 1.0


def test_candidates_are_spans_without_headings_and_bullets() -> None:
    text = (
        "Notice of the tenant and landlord\n\n"
        "- The tenant tells the landlord three months before.\n"
        "- The landlord tells the tenant six months before.\n\n"
        "See below:\n\nThe rent is due on the first day of a month."
    )
    found = [text[one.start : one.end] for one in candidates(text, "Lease > Notice of the tenant and landlord")]
    assert found == [
        "The tenant tells the landlord three months before.",
        "The landlord tells the tenant six months before.",
        "The rent is due on the first day of a month.",
    ]


def test_a_heading_glued_to_a_sentence_is_cut_off_but_a_wrapped_sentence_stays_whole() -> None:
    glued = "Reportable segments\nBased upon our structure, we run our business through three segments of like size."
    assert [glued[one.start : one.end] for one in candidates(glued)] == [glued.partition("\n")[2]]
    wrapped = "The report of the board was read to\nAll members who were present and accepted by them."
    assert [(one.start, one.end) for one in candidates(wrapped)] == [(0, len(wrapped))]


def test_lines_without_a_full_stop_come_one_by_one() -> None:
    text = "Account plans in the system by January\nPrice talks with the ten largest customers\nNext meeting"
    assert [text[one.start : one.end] for one in candidates(text)] == text.split("\n")[:2]


def test_running_text_is_told_from_tables_and_contents() -> None:
    paragraph = "The tenant tells the landlord three months before moving out. The rent is due on the first day. " * 3
    table = "Missouri 367 16 383 10.9 % 480 22 502 14.6 %\nIllinois 310 39 349 10.0 % 297 71 368 10.7 %\n" * 3
    contents = "Item 1A. Risk Factors 10\nItem 1B. Unresolved Staff Comments 27\nItem 2. Properties 27\n" * 3
    assert prose(paragraph) > 0.9
    assert prose(table) == prose(contents) == prose("") == 0.0


def test_lines_are_spans_without_blanks() -> None:
    text = " a | b \n\n 1 | 2\n"
    assert [text[start:end] for start, end in lines(text)] == ["a | b", "1 | 2"]
