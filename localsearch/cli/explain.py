"""What `query --explain` shows of a hit: its place in each leg, the words matched, and its cosine taken apart."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from localsearch.cli import hits
from localsearch.cli.layout import SHADE_END, SHADES, columns, is_styled, shorten
from localsearch.display import display
from localsearch.records import Explanation, Hit, Share, Why
from localsearch.search.explain import word_shares
from localsearch.search.snippet import Span
from localsearch.search.stopwords import STOP_WORDS

STRONGEST = 6
"""Words listed, if they fit a line."""
_LABEL = 8
"""Columns of the names at the left."""


def describe(hit: Hit, *, width: int, full: bool, margin: int) -> Iterator[str]:
    """The lines of one hit as `hits.describe` gives them, and its explanation; a heat map where there are colours."""
    coloured = is_styled(sys.stdout)
    yield from hits.describe(hit, width=width, full=full, margin=margin, shades=shades(hit) if coloured else ())
    for name, values in _facts(hit):
        line = _joined([display(value) for value in values], width - margin - _LABEL)
        yield " " * margin + f"{name:<{_LABEL}}" + line


def shades(hit: Hit) -> list[tuple[Span, str, str]]:
    """A heat map: words with two fifths of the largest share have the first shade, with three fifths the next."""
    explained = hit.why.explanation
    words = word_shares(hit.text, explained.tokens) if explained else ()
    most = max((word.share for word in words), default=0.0)
    marked = []
    for word in words:
        step = int(5 * word.share / most) - 1 if most > 0 else 0
        if step > 0:
            marked.append(((word.start, word.end), SHADES[min(step, len(SHADES)) - 1], SHADE_END))
    return marked


def _joined(values: Sequence[str], room: int) -> str:
    """As many of the values as fit a line, at least the beginning of the first."""
    line = shorten(values[0], room)
    for value in values[1:]:
        if columns(line) + columns(value) + 2 > room:
            break
        line += f", {value}"
    return line


def _facts(hit: Hit) -> Iterator[tuple[str, Sequence[str]]]:
    """Names and values; several values are shown as far as they fit."""
    why, explained = hit.why, hit.why.explanation
    yield "ranks", [", ".join(_ranks(why))]
    if why.words:
        yield "words", why.words
    if explained is None:
        return
    start, end = explained.best
    yield "best", [" ".join(hit.text[start:end].split())]
    if not explained.is_sum:
        yield "cosine", [f"{explained.cosine:.3f}; with this encoder it is no sum over words"]
        return
    yield "cosine", [_sum(explained)]
    strongest = list(_strongest(hit.text, word_shares(hit.text, explained.tokens)))
    if strongest:
        yield "shares", strongest


def _ranks(why: Why) -> Iterator[str]:
    if why.dense_rank is not None and why.cosine is not None:
        name = "" if why.name is None else f", file name {why.name:.3f}"
        yield f"meaning {ordinal(why.dense_rank)} (cosine {why.cosine:.3f}{name})"
    if why.keyword_rank is not None and why.bm25 is not None:
        yield f"words {ordinal(why.keyword_rank)} (BM25 {why.bm25:.1f})"
    elif why.dense_rank is not None:
        yield "not found by words"


def _sum(explained: Explanation) -> str:
    text = sum(token.share for token in explained.tokens)
    return f"{explained.cosine:.3f} = text {text:.3f} + headings {explained.context:.3f} + frame {explained.frame:.3f}"


def _strongest(text: str, words: Sequence[Share]) -> Iterator[str]:
    """The words with the largest shares, the places of one word summed; stop words left out, they say little."""
    total: dict[str, float] = {}
    for word in words:
        spelled = text[word.start : word.end].casefold()
        if spelled not in STOP_WORDS:
            total[spelled] = total.get(spelled, 0.0) + word.share
    for spelled in sorted(total, key=lambda one: -total[one])[:STRONGEST]:
        yield f"{spelled} {total[spelled]:.3f}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
