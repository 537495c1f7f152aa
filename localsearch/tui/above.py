"""What stands above the hits: the answer where there is one, and words that were perhaps meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from localsearch.display import display
from localsearch.names import place
from localsearch.records import Answer, Suggestion
from localsearch.tui.text import Line, Mark, columns, first_lines, marked, one_line, shorten

MOST_LINES = 3
"""Of an answer."""


def answer_lines(answer: Answer, width: int) -> Iterator[Line]:
    """The sentence with the words that were found, and where it stands."""
    hit = answer.hit
    if hit is None:
        return
    spans = [(start - answer.start, end - answer.start, Mark.MATCH) for start, end in hit.spans]
    head: Line = (("Answer ", Mark.ACCENT | Mark.STRONG),)
    text = one_line(marked(answer.text, spans, multiline=True))
    yield from first_lines((*head, *text), width, MOST_LINES)
    source = f"       {place(hit)}  ·  {answer.confidence:.0%} sure  ·  F6 goes there"
    yield shorten(((source, Mark.DIM),), width)


def suggestion_lines(suggestions: Sequence[Suggestion], width: int) -> Iterator[Line]:
    """One line; it is never applied but by a key."""
    if suggestions:
        told = ", ".join(f"“{display(one.instead)}” for “{display(one.word)}”" for one in suggestions)
        line: Line = (("Did you mean ", Mark.DIM), (f"{told}?", Mark.WARNING))
        hint = "  F7 takes it"
        yield (*shorten(line, max(10, width - len(hint))), (hint, Mark.DIM)) if columns(line) < width else line


def corrected(text: str, suggestions: Sequence[Suggestion]) -> str:
    """The query with every suggestion taken."""
    meant = {one.word: one.instead for one in suggestions}

    def instead(word: re.Match[str]) -> str:
        return meant.get(word[0].lower(), word[0])

    return re.sub(r"\w+", instead, text)
