"""`localsearch summarize`: a document, a folder or the hits of a query in a few of their own sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.options import EncoderOption, IndexOption, JsonOption, open_index
from localsearch.records import Mode

if TYPE_CHECKING:
    from localsearch.engine import Index
    from localsearch.records import Summary, SummarySentence

SENTENCES = 5


def summarize(
    context: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", readable=False, help="A file or folder that the index knows.")
    ] = None,
    *,
    query: Annotated[
        str | None, typer.Option("--query", metavar="TEXT", help="Only what concerns this, in PATH or anywhere.")
    ] = None,
    sentences: Annotated[
        int, typer.Option("--sentences", "-n", metavar="N", help="Number of sentences, 1 to 50; 5 unless set.")
    ] = SENTENCES,
    member: Annotated[
        str, typer.Option("--member", metavar="NAME", help="Only this document of an archive or a mailbox.")
    ] = "",
    mode: Annotated[Mode | None, typer.Option("--mode", help="How --query searches: see `query`.")] = None,
    json: JsonOption = False,
    encoder: EncoderOption = None,
    index: IndexOption = None,
) -> None:
    """Show the sentences that say most of what a document, a folder or the hits of a query say.

    Nothing is made up: each sentence stands in a document, and its place is given.

    \b
    Examples:
      localsearch summarize reports/annual-report.pdf
      localsearch summarize contracts --sentences 10
      localsearch summarize --query "notice periods"
    """
    from localsearch.settings import load

    chosen = load({"mode": mode}).settings.mode
    with open_index(context, index, encoder) as opened:
        summary = opened.summarize(path, member=member, query=query, sentences=sentences, mode=chosen)
        notes = list(_notes(opened, summary, of_hits=query is not None))
    if json:
        output.write_object(_as_json(summary))
    else:
        _print(summary)
    for note in notes:
        diagnostics.note(note)
    if not summary and not notes:
        diagnostics.say("Nothing to summarise was found.")


def _print(summary: Summary) -> None:
    """The sentences as running text under the name of their document, each with its place in brackets."""
    from localsearch.cli.layout import stdout_width

    before = ""
    for sentence in summary:
        document = _document(sentence)
        if document != before:
            output.write(f"\n{document}" if before else document)
        before = document
        for line in describe(sentence, stdout_width() - 2):
            output.write(f"  {line}")


def _document(sentence: SummarySentence) -> str:
    from localsearch.cli.names import short
    from localsearch.display import display

    name = short(sentence.path)
    return f"{name}: {display(sentence.member)}" if sentence.member else name


def describe(sentence: SummarySentence, width: int) -> Iterator[str]:
    """`The lease ends in May. [p. 3]`, wrapped, the place in one piece; without pages it is the innermost heading."""
    from localsearch.cli.layout import columns, shorten, wrap
    from localsearch.cli.names import page_name
    from localsearch.display import display

    *lines, last = wrap(display(sentence.text), width)
    yield from lines
    heading = display(" ".join(sentence.heading.rpartition(" > ")[2].split()))
    place = page_name(sentence.path, sentence.member, sentence.page) or heading
    place = f"[{shorten(place, width - 2)}]" if place else ""
    if place and columns(last) + 1 + columns(place) > width:
        yield last
        yield place
    else:
        yield f"{last} {place}".rstrip()


def _as_json(summary: Summary) -> dict[str, Any]:
    """The contract of `summarize --json`, described in docs/cli.md."""
    told = asdict(summary)
    told["share"] = round(summary.share, 6)
    told["sentences"] = [{**asdict(sentence), "path": str(sentence.path)} for sentence in summary]
    return told


def _notes(index: Index, summary: Summary, *, of_hits: bool) -> Iterator[str]:
    """What the sentences do not say by themselves."""
    from localsearch.cli.names import count

    if not summary.prose and summary:
        yield "there are no sentences in what was found, so these are lines of it."
    if summary.considered < summary.passages:
        yield f"drawn from an even sample of {summary.considered:,} of {count(summary.passages, 'passage')}."
    if not (summary.by_meaning or of_hits):
        yield "the index's encoder cannot be used: in each passage the first sentence was taken that stands alone."
    held_back = (
        (summary.missing, "of files that cannot be found now"),
        (summary.unreadable, "of files that you may no longer read"),
        (summary.damaged, "stored text is damaged; `localsearch doctor --repair` mends that"),
    )
    for number, reason in held_back:
        if number:
            yield f"{count(number, 'passage')} left out: {reason}."
    if changed := index.changed(summary):
        yield f"{count(changed, 'file')} among these changed since the last `localsearch index`."
    if not index.complete:
        yield "the index is not complete: `localsearch status` says why."
