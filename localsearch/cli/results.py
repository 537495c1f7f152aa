"""What a search prints: hits, paths or an answer, for people or as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localsearch.cli import diagnostics, output

if TYPE_CHECKING:
    from localsearch.records import Answer, Hits

NO_ANSWER = "Nothing in the index seems to answer this. What is nearest:"


@dataclass(frozen=True, slots=True)
class Shape:
    """How results are printed."""

    json: bool
    paths: bool
    full: bool
    explain: bool


def show(hits: Hits, answer: Answer | None, shape: Shape) -> None:
    """Print the answer, if there is one, else the hits."""
    if answer is not None and (shape.json or answer.answered):
        _print_answer(answer, json=shape.json)
        return
    if answer is not None and hits:
        diagnostics.say(NO_ANSWER)
    if shape.json:
        _print_json(hits, explain=shape.explain)
    elif shape.paths:
        _print_paths(hits)
    else:
        _print_hits(hits, full=shape.full, explain=shape.explain)


def _print_answer(answer: Answer, *, json: bool) -> None:
    from localsearch.cli.answer import as_json, describe
    from localsearch.cli.layout import stdout_width

    if json:
        output.write_object(as_json(answer))
    else:
        output.write("\n".join(describe(answer, width=stdout_width())))


def _print_json(hits: Hits, *, explain: bool) -> None:
    from localsearch.cli.hits import as_json

    output.write_array(as_json(hit, explained=explain) for hit in hits)


def _print_paths(hits: Hits) -> None:
    from localsearch.cli.names import short

    for path in dict.fromkeys(hit.path for hit in hits):
        output.write(short(path))


def _print_hits(hits: Hits, *, full: bool, explain: bool) -> None:
    from localsearch.cli.layout import stdout_width

    if explain:
        from localsearch.cli.explain import describe
    else:
        from localsearch.cli.hits import describe
    margin = len(str(len(hits))) + 2
    for hit in hits:
        lines = describe(hit, width=stdout_width(), full=full, margin=margin)
        output.write("\n".join([*([""] if hit.rank > 1 else []), *lines]))
