"""A page's own title line stands above its text where the parser found no heading."""

from __future__ import annotations

import pytest

from localsearch.ingest.pages import looks_like_title, with_page_titles
from localsearch.records import Block, BlockKind, Document

BODY = "The amounts below are stated in millions of dollars unless a note says otherwise."


def page(number: int, *texts: str, headings: tuple[str, ...] = ("Audit Report",)) -> list[Block]:
    return [Block(BlockKind.PARAGRAPH, text, headings, number) for text in texts]


def headings(blocks: list[Block]) -> list[tuple[str, ...]]:
    return [block.headings for block in with_page_titles(Document(tuple(blocks))).blocks]


def test_title_of_a_page_replaces_the_heading_left_over_from_the_page_before() -> None:
    blocks = [*page(1, BODY), *page(2, "Consolidated Balance Sheets\nCash 5,794 4,225", "Inventories 32 43")]
    assert headings(blocks) == [("Audit Report",), ("Consolidated Balance Sheets",), ("Consolidated Balance Sheets",)]


def test_page_that_begins_with_running_text_keeps_the_heading_before_it() -> None:
    assert headings([*page(1, BODY), *page(2, BODY, "Balance Sheets")]) == [("Audit Report",)] * 3


def test_heading_found_by_the_parser_ends_the_reach_of_the_page_title() -> None:
    found = Block(BlockKind.HEADING, "Note 4", ("Audit Report", "Note 4"), 2)
    blocks = [
        *page(1, BODY),
        *page(2, "Balance Sheets", "Cash 5,794"),
        found,
        *page(2, "Text", headings=found.headings),
    ]
    assert headings(blocks)[1:] == [("Balance Sheets",)] * 2 + [found.headings] * 2


def test_running_headers_and_page_numbers_are_no_titles() -> None:
    pages = [page(number, f"Annual Report {number}\n{number}\n{BODY}") for number in range(1, 5)]
    titled = page(5, "Annual Report 5\n5\nCash Flow Statement\nCash 1,200")
    assert headings([*(block for some in pages for block in some), *titled])[-2:] == [
        ("Audit Report",),
        ("Cash Flow Statement",),
    ]


def test_documents_without_pages_or_with_one_stay_as_they_are() -> None:
    flat = Document((Block(BlockKind.PARAGRAPH, "Balance Sheets"), Block(BlockKind.PARAGRAPH, BODY)))
    single = Document(tuple(page(1, "Balance Sheets", BODY)))
    assert with_page_titles(flat) is flat
    assert with_page_titles(single) is single


def test_text_and_pages_are_untouched() -> None:
    document = Document((*page(1, BODY), *page(2, "Balance Sheets", "Cash 5,794")))
    changed = with_page_titles(document)
    assert changed.text == document.text
    assert [block.page for block in changed.blocks] == [1, 2, 2]


@pytest.mark.parametrize(
    "line",
    ["Consolidated Balance Sheets", "CASH FLOW STATEMENT", "2. Restructuring Charges", "Bilanz zum 31. Dezember"],
)
def test_title(line: str) -> None:
    assert looks_like_title(line)


@pytest.mark.parametrize(
    "line",
    [
        "the tenant shall pay",
        "Customer shall pay the fees within",
        "Cash and cash equivalents $ 1,980 $ 1,101",
        "Payment is due in May.",
        "To the Board of Directors and Shareholders of",
        "12",
        "$ 5",
    ],
)
def test_no_title(line: str) -> None:
    assert not looks_like_title(line)
