"""Dates of --after and --before."""

from __future__ import annotations

import pytest

from localsearch.cli.dates import seconds
from localsearch.errors import QueryError


@pytest.mark.parametrize(
    ("text", "expected"),
    [(None, None), ("1970", 0), ("1970-02", 31 * 86400), ("1970-1-2", 86400), (" 2024-02-29 ", 1709164800)],
)
def test_dates(text: str | None, expected: int | None) -> None:
    assert seconds(text, "--after") == expected


@pytest.mark.parametrize("text", ["", "yesterday", "31.12.2023", "2023-13", "2023-02-29", "20233", "0000", "２０２４"])
def test_anything_else_is_refused_with_the_option_and_the_format(text: str) -> None:
    with pytest.raises(QueryError, match="--before") as caught:
        seconds(text, "--before")
    assert "2024-03-31" in caught.value.hint
