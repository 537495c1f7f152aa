"""Filters in the query's text: read, added, taken away, and left alone while they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from localsearch.search.filters import path_test
from localsearch.tui.filters import Chip, chips, glob_of, settled, toggled, without, words

TYPES = {"pdf", "md"}


def test_chips_say_what_stands_where() -> None:
    text = 'hotel type:pdf -path:"my files/" cost'
    assert chips(text) == (Chip("type", "pdf", 6, 14), Chip("-path", "my files/", 15, 32))
    assert words(text) == "hotel cost"
    assert without(text, chips(text)[0]) == 'hotel -path:"my files/" cost'


def test_toggling_adds_and_removes() -> None:
    assert toggled("hotel", "type", "pdf") == "hotel type:pdf"
    assert toggled("hotel type:pdf", "type", "pdf") == "hotel"
    assert toggled("hotel type:pdf", "type", "md") == "hotel type:pdf type:md"
    assert toggled("hotel after:2020", "after", "2024") == "hotel after:2024"
    assert toggled("", "path", "/my files") == 'path:"/my files"'


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("hotel type:", "hotel "),
        ("hotel type:p", "hotel"),
        ("hotel type:pdf", "hotel type:pdf"),
        ("hotel type:xyz ", "hotel type:xyz "),
        ("hotel -type:p", "hotel"),
        ("hotel after:20", "hotel"),
        ("hotel after:2024", "hotel after:2024"),
        ("hotel after:2024-", "hotel"),
        ("hotel after:2024-05", "hotel after:2024-05"),
        ("hotel path:co", "hotel"),
        ("hotel path:cont", "hotel path:cont"),
        ('hotel path:"my fi', "hotel "),
        ('hotel path:"my files"', 'hotel path:"my files"'),
        ("hotel: cost", "hotel: cost"),
    ],
)
def test_a_filter_in_the_making_waits(typed: str, asked: str) -> None:
    assert settled(typed, TYPES) == asked


@pytest.mark.parametrize("name", ["plain", "with [2024] *", "a b?", 'quote"s'])
def test_a_folder_is_found_by_its_glob(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    value = glob_of(str(tmp_path / name))
    assert '"' not in value and not value.startswith("/")
    assert path_test(value)(f"{tmp_path}/{name}/x.txt")
    assert glob_of("/elsewhere/x") == "/elsewhere/x/"
