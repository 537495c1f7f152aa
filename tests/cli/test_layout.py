"""Wrapping and shortening count terminal columns, and marks never bleed over a line's end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsearch.cli.layout import (
    BEST,
    BEST_END,
    END,
    MARK,
    SHADE_END,
    SHADES,
    columns,
    first_lines,
    shorten,
    styled,
    wrap,
)


@pytest.mark.parametrize(
    ("text", "expected"), [("plain", 5), ("信息", 4), ("e\u0301", 1), (f"{MARK}word{END}", 4), ("", 0)]
)
def test_columns(text: str, expected: int) -> None:
    assert columns(text) == expected


def test_wraps_at_spaces_and_breaks_what_has_none() -> None:
    assert list(wrap("the quick brown fox", 10)) == ["the quick", "brown fox"]
    assert list(wrap("Donaudampfschiff", 10)) == ["Donaudampf", "schiff"]
    assert list(wrap("信息检索系统", 5)) == ["信息", "检索", "系统"]


def test_a_mark_that_spans_lines_is_closed_and_opened_again() -> None:
    assert list(wrap(f"{MARK}信息检索{END} x", 4)) == [f"{MARK}信息{END}", f"{MARK}检索{END}", "x"]


def test_marks_inside_marks_are_closed_and_opened_again() -> None:
    text = f"{BEST}one {MARK}{SHADES[1]}two three{SHADE_END}{END}\nfour{BEST_END} five"
    lines = list(wrap(text, 7))
    assert lines == [
        f"{BEST}one {MARK}{SHADES[1]}two{SHADE_END}{END}{BEST_END}",
        f"{BEST}{MARK}{SHADES[1]}three{SHADE_END}{END}{BEST_END}",
        f"{BEST}four{BEST_END}",
        "five",
    ]
    assert [styled(line, style=False) for line in lines] == ["one two", "three", "four", "five"]
    assert styled(lines[2], style=True) == "\x1b[4mfour\x1b[24m"


def test_empty_lines_are_not_shown() -> None:
    assert list(wrap("one\n\n  \ntwo \n", 7)) == ["one", "two"]


def test_first_lines_end_in_an_ellipsis_only_when_cut() -> None:
    assert first_lines("one two", 10, 2) == ["one two"]
    assert first_lines("one two three four", 7, 2) == ["one two", "three …"]


def test_shortening_closes_an_open_mark() -> None:
    assert shorten(f"ab {MARK}cdefgh{END}", 6) == f"ab {MARK}cd{END}…"


def test_styles_only_where_asked() -> None:
    assert styled(f"a {MARK}b{END}", style=False) == "a b"
    assert styled(f"a {MARK}b{END}", style=True) == "a \x1b[1mb\x1b[22m"


@given(st.text(st.sampled_from("ab 信é\u0301")), st.integers(2, 12))
def test_every_line_fits_and_no_character_but_spaces_is_lost(text: str, width: int) -> None:
    lines = list(wrap(text, width))
    assert all(columns(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
