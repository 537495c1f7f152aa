"""Hits as people read them and as programs read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from localsearch.cli.layout import BEST, BEST_END, END, MARK, first_lines, shorten, wrap
from localsearch.cli.names import count, place
from localsearch.display import display
from localsearch.records import Explanation, Hit, Share, Why
from localsearch.search.snippet import Span, snippet

LINES = 3
"""Lines of a snippet."""


Marks = Sequence[tuple[Span, str, str]]
"""A stretch of the text, what is put before it, what after it."""


def describe(hit: Hit, *, width: int, full: bool, margin: int = 3, shades: Marks = ()) -> Iterator[str]:
    """The lines of one hit: where it is, what it stands under, and its text with words and best sentence marked.

    `width`: columns of the output; `margin`: columns taken by the widest rank with its point and blank. `shades`: a
    heat map, shown over the whole passage.
    """
    yield f"{hit.rank:>{margin - 2}}. {place(hit)}{_more(hit)}"
    room = width - margin
    subject = _subject(hit)
    if subject:
        yield " " * margin + shorten(subject, room)
    for line in _passage(hit, room, shades) if full or shades else _snippet(hit, room):
        yield " " * margin + line


def _more(hit: Hit) -> str:
    """What was found besides: `  (3 more passages, 2 more copies)`."""
    others = count(hit.others, "more passage") if hit.others else ""
    copies = f"{hit.duplicates:,} more cop{'y' if hit.duplicates == 1 else 'ies'}" if hit.duplicates else ""
    told = ", ".join(filter(None, [others, copies]))
    return f"  ({told})" if told else ""


def _subject(hit: Hit) -> str:
    """Title and headings, without saying the title twice."""
    parts = [hit.title] if not hit.heading.startswith(hit.title) else []
    return display(" ".join(" > ".join([*parts, hit.heading] if hit.heading else [hit.title]).split()))


def _passage(hit: Hit, room: int, shades: Marks) -> Iterator[str]:
    marked = _marked(hit.text, [*_marks(hit.spans, hit.best), *shades], multiline=True)
    yield from wrap(marked, room)


def _snippet(hit: Hit, room: int) -> list[str]:
    # Five columns stay free for the ellipses and for words that do not fit a line's end.
    part = snippet(hit.text, hit.spans, best=hit.best, width=room * LINES - 5)
    text = _marked(part.text, _marks(part.spans, part.best))
    return first_lines(f"{'… ' if part.cut_before else ''}{text}{' …' if part.cut_after else ''}", room, LINES)


def _marks(spans: Sequence[Span], best: Span | None) -> list[tuple[Span, str, str]]:
    """Matched words and the best sentence."""
    return [*([(best, BEST, BEST_END)] if best else []), *((span, MARK, END) for span in spans)]


def _marked(text: str, marks: Marks, *, multiline: bool = False) -> str:
    """`text` made safe, with its marks."""
    before: dict[int, str] = {}
    after: dict[int, str] = {}
    for (start, end), opening, closing in marks:
        before[start] = before.get(start, "") + opening
        after[end] = closing + after.get(end, "")
    parts, done = [], 0
    for edge in sorted({*before, *after, len(text)}):
        parts += [display(text[done:edge], multiline=multiline), after.get(edge, ""), before.get(edge, "")]
        done = edge
    return "".join(parts)


def as_json(hit: Hit, *, explained: bool = False) -> dict[str, Any]:
    """The contract of `query --json`, described in docs/cli.md; odd bytes of a path stay as \\udc80 to \\udcff.

    `explained`: with the key `explanation` in `why`.
    """
    return {
        "rank": hit.rank,
        "path": str(hit.path),
        "member": hit.member,
        "title": hit.title,
        "page": hit.page,
        "heading": hit.heading,
        "score": round(hit.score, 6),
        "text": hit.text,
        "spans": [list(span) for span in hit.spans],
        "why": _why_as_json(hit.why)
        | ({"explanation": _explanation_as_json(hit.why.explanation)} if explained else {}),
        "others": hit.others,
        "duplicates": hit.duplicates,
    }


def _why_as_json(why: Why) -> dict[str, Any]:
    return {
        "dense_rank": why.dense_rank,
        "cosine": _rounded(why.cosine),
        "keyword_rank": why.keyword_rank,
        "bm25": _rounded(why.bm25),
        "words": list(why.words),
        "name": _rounded(why.name),
    }


def _explanation_as_json(explanation: Explanation | None) -> dict[str, Any] | None:
    if explanation is None:
        return None
    return {
        "is_sum": explanation.is_sum,
        "cosine": _rounded(explanation.cosine),
        "context": _rounded(explanation.context),
        "frame": _rounded(explanation.frame),
        "tokens": _shares_as_json(explanation.tokens),
        "sentences": _shares_as_json(explanation.sentences),
        "best": list(explanation.best),
    }


def _shares_as_json(shares: Sequence[Share]) -> list[list[float]]:
    return [[one.start, one.end, round(one.share, 6)] for one in shares]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
