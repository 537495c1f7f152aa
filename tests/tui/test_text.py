"""Runs: cut, wrapped and shortened by columns, marks kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from localsearch.tui.text import (
    Line,
    Mark,
    columns,
    cut,
    first_lines,
    lines_of,
    marked,
    one_line,
    pad,
    plain,
    shorten,
    shorten_left,
    wrap,
)

TEXT = st.text(st.sampled_from("ab c\u0301信é👨 \u200d"), max_size=60)


def line(text: str) -> Line:
    return ((text, Mark.PLAIN),)


def test_marks_overlap() -> None:
    assert marked("one two three", [(4, 7, Mark.MATCH), (0, 7, Mark.BEST)]) == (
        ("one ", Mark.BEST),
        ("two", Mark.MATCH | Mark.BEST),
        (" three", Mark.PLAIN),
    )


def test_spans_beyond_the_text_are_cut() -> None:
    assert marked("one", [(-5, 1, Mark.MATCH), (2, 99, Mark.BEST), (7, 9, Mark.BEST)]) == (
        ("o", Mark.MATCH),
        ("n", Mark.PLAIN),
        ("e", Mark.BEST),
    )


def test_a_text_may_begin_later() -> None:
    assert marked("one two", [(0, 5, Mark.MATCH)], start=4) == (("t", Mark.MATCH), ("wo", Mark.PLAIN))


@given(TEXT, st.integers(2, 20))
def test_wrapped_lines_fit_and_lose_only_blanks(text: str, width: int) -> None:
    runs = marked(text, [(2, 9, Mark.MATCH)])
    wrapped = list(wrap(runs, width))
    assert all(columns(one) <= width for one in wrapped)
    assert "".join(map(plain, wrapped)).replace(" ", "") == plain(runs).replace(" ", "")


def test_wide_characters_break_anywhere_words_at_blanks() -> None:
    assert [plain(one) for one in wrap(line("信息信息 and words"), 6)] == ["信息信", "息 and", "words"]
    assert [plain(one) for one in wrap(line("unbreakable"), 4)] == ["unbr", "eaka", "ble"]


@given(TEXT, st.integers(0, 20))
def test_a_shortened_line_fits(text: str, width: int) -> None:
    assert columns(shorten(line(text), width)) <= width
    assert cell_len(shorten_left(text, max(width, 1))) <= max(width, 1)


def test_a_shortened_line_says_so() -> None:
    assert plain(shorten(line("one two"), 5)) == "one …"
    assert plain(shorten(line("one"), 5)) == "one"
    assert shorten_left("a/b/c.txt", 6) == "…c.txt"


def test_lines_blanks_and_cuts() -> None:
    runs: Line = (("a\n b", Mark.MATCH), ("\n\nc", Mark.PLAIN))
    assert [plain(one) for one in lines_of(runs)] == ["a", " b", "", "c"]
    assert plain(one_line(runs)) == "a b c"
    assert cut(runs, 2, 5) == ((" b", Mark.MATCH), ("\n", Mark.PLAIN))
    assert plain(pad(line("信"), 4)) == "信  "


@pytest.mark.parametrize(("count", "expected"), [(1, ["one two t…"]), (2, ["one two", "three fou…"]), (9, None)])
def test_the_first_lines_are_filled(count: int, expected: list[str] | None) -> None:
    found = [plain(one) for one in first_lines(line("one two three four five"), 10, count)]
    assert found == (expected or ["one two", "three four", "five"])
