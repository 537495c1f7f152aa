"""How a sentence of a summary is shown: wrapped, safe, its place in one piece."""

from __future__ import annotations

from pathlib import Path

import pytest

from localsearch.cli.layout import columns
from localsearch.cli.summarize import describe
from localsearch.records import SummarySentence


def sentence(text: str, path: str = "/a.md", page: int | None = None, heading: str = "") -> SummarySentence:
    return SummarySentence(text, Path(path), "", "", page, heading, 1, 0, len(text))


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (sentence("The rent is due.", "/a.pdf", 3, "Lease > Rent"), "The rent is due. [p. 3]"),
        (sentence("The rent is due.", "/a.pptx", 3), "The rent is due. [slide 3]"),
        (sentence("The rent is due.", heading="Lease > Rent"), "The rent is due. [Rent]"),
        (sentence("The rent is due."), "The rent is due."),
    ],
)
def test_the_place_is_the_page_or_else_the_innermost_heading(found: SummarySentence, line: str) -> None:
    assert list(describe(found, 80)) == [line]


def test_the_place_is_never_cut_in_two_and_no_line_too_long() -> None:
    found = sentence("The rent is due on the first day of each month.", "/a.pdf", 138)
    for width in range(12, 60):
        lines = list(describe(found, width))
        assert lines[-1].endswith("[p. 138]") and all(columns(line) <= width for line in lines)
        assert " ".join(" ".join(lines).split()) == f"{found.text} [p. 138]"
    assert list(describe(sentence("The rent.", heading="H" * 90), 20))[-1] == f"[{'H' * 17}…]"


def test_nothing_of_a_document_reaches_the_terminal_raw() -> None:
    lines = "".join(describe(sentence("The \x1b[2Jrent \u202e is due.", heading="Re\x07nt\u200b"), 80))
    assert lines.isprintable()
    assert "<U+001B>" in lines and "<U+202E>" in lines and "[Re<U+0007>nt<U+200B>]" in lines
