"""Hits as people read them and as programs read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from localsearch.cli.layout import END, MARK, first_lines, shorten, wrap
from localsearch.cli.names import place
from localsearch.display import display
from localsearch.records import Hit

LINES = 3
"""Lines of a snippet."""
_BREAK = re.compile(r"(?:[.!?。！？]\s|\n)\s*")


def describe(hit: Hit, *, width: int, full: bool, margin: int = 3) -> Iterator[str]:
    """The lines of one hit: where it is, what it stands under, and its text with the matched words marked."""
    yield f"{hit.rank:>{margin - 2}}. {place(hit)}"
    room = width - margin
    indent = " " * margin
    subject = _subject(hit)
    if subject:
        yield indent + shorten(subject, room)
    if full:
        for paragraph in _marked(hit, 0, keep_lines=True).split("\n"):
            yield from (indent + line for line in wrap(paragraph.rstrip(), room))
        return
    start = excerpt_start(hit, room * LINES)
    text = ("… " if start else "") + _marked(hit, start)
    yield from (indent + line for line in first_lines(text, room, LINES))


def _subject(hit: Hit) -> str:
    """Title and headings, without saying the title twice."""
    parts = [hit.title] if hit.title and not hit.heading.startswith(hit.title) else []
    return display(_one_line(" > ".join([*parts, hit.heading] if hit.heading else parts)))


def excerpt_start(hit: Hit, room: int) -> int:
    """Where to begin, so that `room` characters hold as many different matched words as they can.

    It begins with a sentence or a line, unless that pushes words out; 0 when the start of the passage holds all.
    """
    if not hit.spans or hit.spans[-1][1] <= room:
        return 0
    first = max((start for start, _ in hit.spans), key=lambda start: (_words_within(hit, start, room), -start))
    sentence = max((found.end() for found in _BREAK.finditer(hit.text, 0, first)), default=0)
    enough = _words_within(hit, sentence, room) == _words_within(hit, first, room)
    return sentence if enough else first


def _words_within(hit: Hit, begin: int, room: int) -> int:
    return len({hit.text[start:end].casefold() for start, end in hit.spans if begin <= start and end <= begin + room})


def _marked(hit: Hit, begin: int, *, keep_lines: bool = False) -> str:
    """The text from `begin` on, made safe, its matched words between marks."""
    parts = []
    for start, end in hit.spans:
        if start < begin:
            continue
        parts += [_safe(hit.text[begin:start], keep_lines), MARK, _safe(hit.text[start:end], keep_lines), END]
        begin = end
    return "".join([*parts, _safe(hit.text[begin:], keep_lines)])


def _safe(text: str, keep_lines: bool) -> str:
    return display(text.expandtabs(4), multiline=True) if keep_lines else display(_one_line(text))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


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
        "why": {key: round(value, 6) if isinstance(value, float) else value for key, value in asdict(hit.why).items()},
    }
