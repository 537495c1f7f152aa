"""`localsearch status`: what the index holds, what guards it, and which program this is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localsearch.cli import output
from localsearch.cli.guards import describe_network, describe_parsers, parser_seal
from localsearch.cli.index import AGAIN
from localsearch.cli.names import count, moment, short, size
from localsearch.cli.options import IndexOption, JsonOption, choose_index, tell_erased
from localsearch.cli.which import first_on_path, this_program
from localsearch.display import display
from localsearch.privacy import seal
from localsearch.trainings import unfinished
from localsearch.version import __version__

if TYPE_CHECKING:
    from localsearch.records import Status


NAMED = 5
"""Files that could not be read the last time and are named without `--skipped`."""

UNERASED = "not yet out of the files; the next command after all searches now under way have ended erases it"


def status(
    context: typer.Context,
    skipped: Annotated[bool, typer.Option("--skipped", help="List the files that gave no text, and why.")] = False,
    json: JsonOption = False,
    index: IndexOption = None,
) -> None:
    """Show what the index holds, where it is and why that one, and what guards it.

    \b
    Examples:
      localsearch status
      localsearch status --skipped
      localsearch status --json
    """
    from localsearch.engine import Index

    chosen = choose_index(context, index, tell=False)
    why = chosen.why
    with tell_erased(Index.open(chosen.folder)) as opened:
        found = opened.status()
    if json:
        output.write_object(_as_json(found, why))
    elif skipped:
        for one in found.skipped:
            output.write(f"{short(one.path)}: {display(one.reason)}{AGAIN if one.transient else ''}")
    else:
        for name, value in _lines(found, why):
            output.write(f"{name:<11}{value}".rstrip())


def _lines(found: Status, why: str) -> Iterator[tuple[str, str]]:
    yield "index", f"{short(found.folder)} ({why})"
    yield "", f"{size(found.bytes)}, format {found.format}, generation {found.generation}"
    yield "encoder", f"{display(found.encoder)}, {found.dim} dimensions"
    yield (
        "content",
        ", ".join((count(found.files, "file"), count(found.documents, "document"), count(found.passages, "passage"))),
    )
    if found.types:
        yield "types", ", ".join(f"{display(kind or 'unknown')} {number:,}" for kind, number in found.types)
    if found.skipped:
        yield "skipped", f"{count(len(found.skipped), 'file')}; `localsearch status --skipped` says why"
    yield from _pending(found)
    for place, root in enumerate(found.roots):
        missing = "" if root.present else "  (missing now; what is known of it is kept)"
        missing += "" if root.complete else "  (not complete)"
        held = f"{count(root.files, 'file')}, {count(root.passages, 'passage')}"
        yield "roots" if place == 0 else "", f"{short(root.path)}  {held}{missing}"
    yield "last run", moment(found.updated) if found.updated else "none was completed yet"
    if found.writer is not None:
        yield "", f"process {found.writer or '(starting)'} is writing now"
    elif not all(root.complete for root in found.roots):
        yield "", "interrupted after that: `localsearch index` finishes it"
    if found.erasing:
        yield "forgotten", UNERASED
    rest = "; the rest is scanned" if found.cached < found.passages else ""
    yield "cache", f"FAISS holds {found.cached:,} of {count(found.passages, 'passage')}{rest}"
    for place, training in enumerate(unfinished()):
        held = f"{size(training.bytes)}, holds text; `localsearch model discard {display(training.name)}` removes it"
        yield "trainings" if place == 0 else "", f"{display(training.name)}  {held}"
    yield "network", describe_network()
    yield "parsers", describe_parsers()
    yield "version", f"{__version__}, {display(this_program())}"
    on_path, ours = first_on_path()
    if not ours:
        yield "", f"`localsearch` on your PATH is another program, {display(on_path)}; `lsearch` is this one"


def _pending(found: Status) -> Iterator[tuple[str, str]]:
    if found.pending:
        yield "pending", f"{count(found.pending, 'file')} could not be read; `localsearch index` tries again"
    for one in [one for one in found.skipped if one.transient][:NAMED]:
        yield "", f"{short(one.path)}: {display(one.reason)}"
    if found.pending > NAMED:
        yield "", f"and {found.pending - NAMED:,} more: `localsearch status --skipped`"


def _as_json(found: Status, why: str) -> dict[str, Any]:
    on_path, ours = first_on_path()
    return {
        **asdict(found),
        "folder": str(found.folder),
        "chosen_by": why,
        "types": dict(found.types),
        "trainings": [
            {"name": one.name, "folder": str(one.folder), "bytes": one.bytes, "begun": one.begun}
            for one in unfinished()
        ],
        "network_sealed": seal().network,
        "parsers_sealed": asdict(parsers) if (parsers := parser_seal()) else None,
        "version": __version__,
        "program": this_program(),
        "first_on_path": on_path,
        "first_on_path_is_this": ours,
    }
