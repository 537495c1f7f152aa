"""Why is this passage here? In words first, numbers after."""

from __future__ import annotations

from collections.abc import Iterator

from localsearch.display import display
from localsearch.records import Explanation, Hit
from localsearch.tui.text import Line, Mark, marked, shorten

MOST = 4
"""Sentences shown with their share."""
_BAR = 8


def reasons(hit: Hit, width: int) -> Iterator[Line]:
    """The lines of the panel."""
    why = hit.why
    yield (
        ("Why number ", Mark.DIM),
        (f"{hit.rank}", Mark.STRONG),
        (f", score {hit.score:.2f}", Mark.DIM),
        (" (comparable within one search only)" if width > 60 else "", Mark.DIM),
    )
    if why.cosine is not None:
        rank = f", number {why.dense_rank} by meaning" if why.dense_rank else ""
        yield (("meaning ", Mark.ACCENT), (f"similarity {why.cosine:.2f}{rank}", Mark.PLAIN))
    else:
        yield (("meaning ", Mark.ACCENT), ("not compared", Mark.DIM))
    if why.words:
        found = display(", ".join(why.words))
        rank = f", number {why.keyword_rank} by words" if why.keyword_rank else ""
        score = f" (BM25 {why.bm25:.1f})" if why.bm25 is not None else ""
        yield shorten((("words   ", Mark.ACCENT), (found, Mark.MATCH), (f"{rank}{score}", Mark.PLAIN)), width)
    else:
        yield (("words   ", Mark.ACCENT), ("none of the query's words", Mark.DIM))
    if why.explanation is not None and why.explanation.is_sum:
        yield from _shares(hit, why.explanation, width)


def _shares(hit: Hit, explanation: Explanation, width: int) -> Iterator[Line]:
    """The sentences that carry the similarity, the strongest first."""
    most = max((one.share for one in explanation.sentences), default=0.0)
    strongest = sorted(explanation.sentences, key=lambda one: -one.share)[:MOST]
    for one in strongest:
        if one.share <= 0 or most <= 0:
            continue
        bar = "━" * max(1, round(_BAR * one.share / most))
        text = " ".join(hit.text[one.start : one.end].split())
        mark = Mark.BEST if (one.start, one.end) == explanation.best else Mark.PLAIN
        head: Line = ((f"{bar:<{_BAR}} ", Mark.BAR), (f"{one.share:+.2f} ", Mark.DIM))
        yield shorten((*head, *marked(text, [(0, len(text), mark)])), width)
    if abs(explanation.context) >= 0.01:
        yield ((f"{'':<{_BAR}} {explanation.context:+.2f} ", Mark.DIM), ("title and headings", Mark.DIM))
