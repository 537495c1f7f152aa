"""`localsearch query`: find passages by meaning and by words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from localsearch.cli import diagnostics
from localsearch.cli.like import parse_place
from localsearch.cli.options import EncoderOption, IndexOption, JsonOption, open_index
from localsearch.records import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localsearch.engine import Index
    from localsearch.records import Hits

LONGEST_INPUT = 65_536
"""Bytes read with `-`; the engine refuses queries far shorter than this."""

BEST = 3
"""First hits whose best sentence is shown: each costs a run of the encoder (docs/decisions/0009-explain.md)."""

NOTHING = "Nothing found. Try other words or fewer filters; `localsearch status` shows what is indexed."


def query(
    context: typer.Context,
    text: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]...", help="What to look for; - reads it from stdin.")
    ] = None,
    *,
    like: Annotated[
        str | None,
        typer.Option("--like", metavar="PATH[#PAGE]", help="Instead of TEXT: passages like that document or page."),
    ] = None,
    k: Annotated[
        int | None, typer.Option("-k", metavar="N", help="Number of passages, 1 to 1000; 10 unless set otherwise.")
    ] = None,
    mode: Annotated[
        Mode | None, typer.Option("--mode", help="By meaning and words (hybrid), by meaning, or by words.")
    ] = None,
    path: Annotated[
        list[str] | None,
        typer.Option("--path", metavar="GLOB", help="Only files that match, or below that folder. Repeatable."),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only files of this type, such as pdf. Repeatable."),
    ] = None,
    after: Annotated[
        str | None, typer.Option("--after", metavar="DATE", help="Only documents of that date or later.")
    ] = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="DATE", help="Only documents from before that date.")
    ] = None,
    author: Annotated[
        list[str] | None,
        typer.Option("--author", metavar="NAME", help="Only documents by that author: any word of a name. Repeatable."),
    ] = None,
    title: Annotated[
        list[str] | None,
        typer.Option("--title", metavar="WORDS", help="Only documents whose title has these words. Repeatable."),
    ] = None,
    group: Annotated[bool, typer.Option("--group", help="One hit for each document, its best passage.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Show whole passages.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show why each passage was found.")] = False,
    answer: Annotated[
        bool, typer.Option("--answer", help="Quote the sentence that answers a question; say so when none does.")
    ] = False,
    paths: Annotated[bool, typer.Option("--paths", help="Print the paths of the files found, best first.")] = False,
    json: JsonOption = False,
    encoder: EncoderOption = None,
    index: IndexOption = None,
) -> None:
    """Find passages by meaning and by words.

    "Quoted words" must occur together; -word must not occur. Filters may stand in the text too: type:pdf,
    path:contracts/, author:smith, title:lease, after:2024, before:2025, and -type:pdf and the like for all others.
    Dates are written 2024-03-31, 2024-03 or 2024.

    \b
    Examples:
      localsearch query "notice period of the lease"
      localsearch query travel costs --type pdf --after 2023 -k 5
      localsearch query "travel costs type:pdf -path:drafts/"
      localsearch query --answer "How much notice must the tenant give?"
      localsearch query --like "contracts/lease.pdf#3"
      localsearch query --json "data breach" > hits.json
    """
    from localsearch.cli.results import Shape, show
    from localsearch.search.filters import parse_filters
    from localsearch.settings import load

    _check_choice(context, has_text=bool(text), like=like is not None, explain=explain, answer=answer, paths=paths)
    settings = load({"mode": mode}).settings
    filters = parse_filters(path or (), kind or (), after, before, authors=author or (), titles=title or ())
    wanted, most = _wanted(text or []), settings.results if k is None else k
    with open_index(context, index, encoder) as opened:
        if like is None:
            best = 0 if json or paths else BEST
            hits = opened.search(
                wanted,
                k=most,
                mode=settings.mode,
                filters=filters,
                group=group,
                explain=explain and not paths,
                best=best,
            )
        else:
            place = parse_place(like)
            hits = opened.like(place.path, member=place.member, page=place.page, k=most, filters=filters, group=group)
        found = opened.answer_from(wanted, hits) if answer else None
        notes = list(_notes(opened, hits))
    show(hits, found, Shape(json=json, paths=paths, full=full, explain=explain))
    for note in [*_understood(hits), *notes]:
        diagnostics.note(note)
    if not hits and not notes:
        diagnostics.say(NOTHING)


def _check_choice(
    context: typer.Context, *, has_text: bool, like: bool, explain: bool, answer: bool, paths: bool
) -> None:
    """Raises BadParameter for options that do not go together."""
    if like == has_text:
        raise typer.BadParameter("Name either a TEXT to look for or a document with --like.", context)
    if like and explain:
        raise typer.BadParameter("--explain needs a TEXT; with --like only the cosine counts.", context)
    if answer and (like or paths):
        raise typer.BadParameter("--answer needs a TEXT, and prints no paths.", context)


def _wanted(words: list[str]) -> str:
    if words == ["-"]:
        return sys.stdin.buffer.read(LONGEST_INPUT).decode("utf-8", "replace").strip()
    return " ".join(words)


def _understood(hits: Hits) -> Iterator[str]:
    """How the query was read."""
    if hits.filters:
        yield f"read as filters: {' '.join(hits.filters)}"
    if hits.suggestions:
        words = (f'"{one.instead}" for "{one.word}"' for one in hits.suggestions)
        yield f"did you mean {', '.join(words)}?"


def _notes(index: Index, hits: Hits) -> Iterator[str]:
    """What the list of hits does not say by itself."""
    from localsearch.cli.names import count

    held_back = (
        (hits.missing, "of files that cannot be found now"),
        (hits.unreadable, "of files that you may no longer read"),
        (hits.damaged, "stored text is damaged; `localsearch doctor --repair` mends that"),
    )
    for number, reason in held_back:
        if number:
            yield f"{count(number, 'passage')} not shown: {reason}."
    if changed := index.changed(hits):
        yield f"{count(changed, 'file')} among these changed since the last `localsearch index`."
    if not index.complete:
        yield "the index is not complete: `localsearch status` says why."
