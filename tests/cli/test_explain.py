"""What `--explain` shows: ranks, words, best sentence, the sum, the strongest words, and a heat map in colour."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from localsearch.cli import explain
from localsearch.cli.hits import as_json
from localsearch.cli.layout import BEST, BEST_END, SHADE_END, SHADES, columns, styled
from localsearch.records import Explanation, Hit, Share, Why

TEXT = "Rent\n\nThe tenant pays the rent. Costs are shared."
TOKENS = ((0, 4, 0.1), (6, 9, 0.02), (10, 12, 0.06), (12, 16, 0.04), (17, 21, 0.05), (22, 25, 0.09), (26, 30, 0.08))
EXPLANATION = Explanation(
    cosine=0.5,
    tokens=tuple(Share(*token) for token in TOKENS),
    context=0.04,
    frame=0.02,
    sentences=(Share(0, 4, 0.1), Share(6, 31, 0.34)),
    best=(6, 31),
)
WHY = Why(2, 0.5, 11, 3.25, ("rent", "pays"), EXPLANATION)
HIT = Hit(1, Path("/docs/lease.md"), "", "", None, "Lease", 0.9, TEXT, ((0, 4),), WHY, best=(6, 31))


@pytest.fixture
def coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def lines(hit: Hit, width: int = 80) -> list[str]:
    return list(explain.describe(hit, width=width, full=False, margin=3))


def test_without_colour_the_facts_are_listed_below_the_snippet() -> None:
    assert [styled(line, style=False) for line in lines(HIT)] == [
        "1. /docs/lease.md",
        "   Lease",
        "   Rent The tenant pays the rent. Costs are shared.",
        "   ranks   meaning 2nd (cosine 0.500), words 11th (BM25 3.2)",
        "   words   rent, pays",
        "   best    The tenant pays the rent.",
        "   cosine  0.500 = text 0.440 + headings 0.040 + frame 0.020",
        "   shares  rent 0.180, tenant 0.100, pays 0.050",
    ]


@pytest.mark.usefixtures("coloured")
def test_in_colour_the_whole_passage_is_a_heat_map() -> None:
    strong, middle = f"{SHADES[2]}{{}}{SHADE_END}", f"{SHADES[0]}{{}}{SHADE_END}"
    shown = lines(replace(HIT, spans=()))
    assert shown[2] == "   " + strong.format("Rent")
    assert shown[3] == (
        f"   {BEST}The {strong.format('tenant')} {middle.format('pays')} {strong.format('the')} "
        f"{SHADES[2]}rent{SHADE_END}.{BEST_END} Costs are shared."
    )


def test_a_word_in_pieces_has_one_shade_and_what_is_negative_has_none() -> None:
    tokens = (Share(0, 4, -0.3), Share(10, 12, 0.05), Share(12, 16, 0.05), Share(17, 21, 0.03))
    hit = replace(HIT, why=replace(WHY, explanation=replace(EXPLANATION, tokens=tokens)))
    assert [span for span, _, _ in explain.shades(hit)] == [(10, 16)]
    none = replace(EXPLANATION, tokens=(Share(0, 4, -0.3),))
    assert explain.shades(replace(HIT, why=replace(WHY, explanation=none))) == []


@pytest.mark.parametrize("width", [30, 40, 80])
def test_every_line_fits(width: int) -> None:
    long = replace(HIT, text="Rent and costs " * 40, best=None, why=replace(WHY, words=("unpronounceable",) * 30))
    assert all(columns(line) <= width for line in lines(long, width))


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        (Why(1, 0.25, None, None), "meaning 1st (cosine 0.250), not found by words"),
        (Why(None, None, 3, 2.0), "words 3rd (BM25 2.0)"),
        (Why(22, 0.25, 13, 2.0), "meaning 22nd (cosine 0.250), words 13th (BM25 2.0)"),
    ],
)
def test_ranks_of_one_leg(why: Why, expected: str) -> None:
    assert lines(replace(HIT, why=why, best=None))[-1] == f"   ranks   {expected}"


def test_an_encoder_without_shares_says_so() -> None:
    none = Explanation(0.5, (), 0.0, 0.0, (), (6, 31), is_sum=False)
    assert lines(replace(HIT, why=replace(WHY, explanation=none)))[-1] == (
        "   cosine  0.500; with this encoder it is no sum over words"
    )


@pytest.mark.usefixtures("coloured")
def test_nothing_from_a_document_reaches_the_terminal_raw() -> None:
    evil = "\x1b]0;owned\x07 \u202etxet\x05 \x9b31m\x03 word\x0e \udcff"
    tokens = tuple(Share(at, at + 1, 0.1) for at in range(len(evil)))
    explanation = replace(EXPLANATION, tokens=tokens, sentences=(), best=(0, len(evil)))
    why = replace(WHY, words=(evil,), explanation=explanation)
    for line in lines(replace(HIT, text=evil, spans=((3, 8),), best=(0, len(evil)), why=why)):
        assert styled(line, style=False).isprintable()
        assert "\x1b]" not in styled(line, style=True)


def test_chinese_is_marked_character_by_character() -> None:
    text = "租金每月支付。"
    tokens = tuple(Share(at, at + 1, 0.1) for at in range(len(text)))
    hit = replace(HIT, text=text, why=replace(WHY, explanation=replace(EXPLANATION, tokens=tokens)))
    assert [span for span, _, _ in explain.shades(hit)] == [(at, at + 1) for at in range(6)]


def test_the_json_of_an_explanation() -> None:
    assert as_json(HIT, explained=True)["why"]["explanation"] == {
        "is_sum": True,
        "cosine": 0.5,
        "context": 0.04,
        "frame": 0.02,
        "tokens": [list(token) for token in TOKENS],
        "sentences": [[0, 4, 0.1], [6, 31, 0.34]],
        "best": [6, 31],
    }
    assert as_json(replace(HIT, why=replace(WHY, explanation=None)), explained=True)["why"]["explanation"] is None
    assert "explanation" not in as_json(HIT)["why"]
