"""Hits as people read them and as programs read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from localsearch.cli.layout import END, MARK, first_lines, shorten, wrap
from localsearch.cli.names import count, place
from localsearch.display import display
from localsearch.records import Hit
from localsearch.search.snippet import Span, snippet

LINES = 3
"""Lines of a snippet."""


def describe(hit: Hit, *, width: int, full: bool, margin: int = 3) -> Iterator[str]:
    """The lines of one hit: where it is, what it stands under, and its text with the matched words marked.

    `width`: columns of the output; `margin`: columns taken by the widest rank with its point and blank.
    """
    yield f"{hit.rank:>{margin - 2}}. {place(hit)}{_more(hit)}"
    room = width - margin
    subject = _subject(hit)
    if subject:
        yield " " * margin + shorten(subject, room)
    for line in _passage(hit, room) if full else _snippet(hit, room):
        yield " " * margin + line


def _more(hit: Hit) -> str:
    """What else was found of this document: `  (3 more passages)`."""
    return f"  ({count(hit.others, 'more passage')})" if hit.others else ""


def _subject(hit: Hit) -> str:
    """Title and headings, without saying the title twice."""
    parts = [hit.title] if not hit.heading.startswith(hit.title) else []
    return display(" ".join(" > ".join([*parts, hit.heading] if hit.heading else [hit.title]).split()))


def _passage(hit: Hit, room: int) -> Iterator[str]:
    marked = _marked(hit.text, hit.spans, multiline=True)
    for line in marked.split("\n"):
        yield from wrap(line.rstrip(), room)


def _snippet(hit: Hit, room: int) -> list[str]:
    # Five columns stay free for the ellipses and for words that do not fit a line's end.
    part = snippet(hit.text, hit.spans, width=room * LINES - 5)
    text = _marked(part.text, part.spans)
    return first_lines(f"{'… ' if part.cut_before else ''}{text}{' …' if part.cut_after else ''}", room, LINES)


def _marked(text: str, spans: Sequence[Span], *, multiline: bool = False) -> str:
    """`text` made safe, the matched words between marks."""
    parts, done = [], 0
    for start, end in spans:
        parts += [display(text[done:start], multiline=multiline), MARK, display(text[start:end]), END]
        done = end
    return "".join([*parts, display(text[done:], multiline=multiline)])


def as_json(hit: Hit) -> dict[str, Any]:
    """The contract of `query --json`, described in docs/cli.md; odd bytes of a path stay as \\udc80 to \\udcff."""
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
        "why": {
            key: round(value, 6) if isinstance(value, float) else value
            for key, value in asdict(hit.why).items()
            if key != "explanation"
        },
        "others": hit.others,
    }
