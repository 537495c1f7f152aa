"""Nothing that a terminal would obey, and nothing that hides, gets through; ordinary text of any script does."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localsearch.display import display
from tests.evil import EVIL, FAMILIES

BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
NONCHARACTER = re.compile("[\ufdd0-\ufdef]")

TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("\x1b\x9b\x07\n\t\r\u202e\u200b\u200c\u200d\ufe0f\u0301\u20dd\ud800\udcff\U000e0041"),
        st.sampled_from("a1#éपس葛👨👩❤♂🏳🌈"),
    ),
    max_size=40,
)


def harms(text: str) -> list[str]:
    """Characters that must not be printed, told by the Unicode database rather than by the sanitiser's own table."""
    return [character for character in text if _harms(character)]


def _harms(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(character) in BIDI
        or character in "\u061c\u200e\u200f\u200b\u2060\ufeff\u00ad\u034f\u3164\u115f\u1160\uffa0\u180e"
        or 0xE0000 <= code < 0xE0100
        or code & 0xFFFE == 0xFFFE
        or NONCHARACTER.match(character) is not None
    )


def test_there_are_enough_evil_strings() -> None:
    assert len(EVIL) >= 200


@pytest.mark.parametrize("text", EVIL, ids=ascii)
def test_evil_strings_are_shown_not_obeyed(text: str) -> None:
    shown = display(text)
    assert not harms(shown)
    assert shown != text
    assert shown.isprintable()


@pytest.mark.parametrize("text", [text for text in FAMILIES if text != "a\tb"], ids=ascii)
def test_a_character_is_shown_by_its_number(text: str) -> None:
    assert display(text) == f"a<U+{ord(text[1]):04X}>b"


@settings(max_examples=1_000)
@given(TEXT)
def test_any_text_is_safe_after_one_pass(text: str) -> None:
    shown = display(text)
    assert not harms(shown)
    assert display(shown) == shown
    lines = display(text, multiline=True)
    assert not harms(lines.replace("\n", ""))
    assert lines.count("\n") == text.count("\n")


@settings(max_examples=1_000)
@given(TEXT)
def test_nothing_is_lost(text: str) -> None:
    """Undoing the marks gives the text back, save that a tab is a blank now."""
    marked = display(text.replace("<", ""))
    undone = re.sub(r"<U\+([0-9A-F]{4,6})>", lambda mark: chr(int(mark[1], 16)), marked)
    assert undone == text.replace("<", "").replace("\t", " ")


@settings(max_examples=1_000)
@given(TEXT)
def test_an_invisible_character_that_stays_has_a_visible_one_before_it(text: str) -> None:
    shown = display(text)
    for before, character in zip(" " + shown, shown, strict=False):
        if character in "\u200c\u200d" or VARIATION.match(character):
            follows_emoji_style = character == "\u200d" and before == "\ufe0f"
            assert follows_emoji_style or not (before.isspace() or (before.isascii() and before.isalpha()))
            assert follows_emoji_style or (before not in "\u200c\u200d>" and not VARIATION.match(before))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "plain ASCII, with <angle> & [square] brackets",
            "Grüße, naïve café, Đà Nẵng",
            "cafe\u0301 e\u0302\u0323",
        ),
        *(
            "契約書は三月末",
            "葛\U000e0100城市",
            "עברית",
            "العربية",
            "मराठी क्\u200dष",
            "می\u200cخواهم",
            "ไทย",
            "한국어",
            "Ελλάδα",
        ),
        *(
            "emoji 😀 ❤\ufe0f 👨\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 🙅🏽\u200d♂\ufe0f 1\ufe0f\u20e3",
            "© ™ € — “quotes” … ½ H₂O x²",
            "\ue000",
        ),
    ],
    ids=ascii,
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert display(text) == text


def test_blanks_and_lines() -> None:
    assert display("a\tb\nc") == "a b<U+000A>c"
    assert display("a\tb\nc\r\n", multiline=True) == "a b\nc<U+000D>\n"


def test_accents_are_piled_four_high() -> None:
    assert display("e" + "\u0301" * 6) == "e" + "\u0301" * 4 + "<U+0301>" * 2
