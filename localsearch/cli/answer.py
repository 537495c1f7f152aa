"""What `query --answer` prints: the sentence, where it stands and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from localsearch.cli import hits
from localsearch.cli.layout import wrap
from localsearch.cli.names import place
from localsearch.display import display
from localsearch.records import Answer


def describe(answer: Answer, *, width: int) -> Iterator[str]:
    """The lines of an answer: the sentence itself, then its citation."""
    yield from wrap(display(" ".join(answer.text.split())), width)
    if answer.hit is not None:
        heading = f", {display(answer.hit.heading)}" if answer.hit.heading else ""
        citation = f"[{place(answer.hit)}{heading}]  confidence {answer.confidence:.2f}"
        yield from (f"   {line}" for line in wrap(citation, width - 3))


def as_json(answer: Answer) -> dict[str, Any]:
    """The contract of `query --answer --json`, described in docs/cli.md."""
    return {
        "answered": answer.answered,
        "text": answer.text,
        "confidence": round(answer.confidence, 6),
        "start": answer.start,
        "end": answer.end,
        "hit": None if answer.hit is None else hits.as_json(answer.hit),
    }
