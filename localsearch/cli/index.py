"""`localsearch index`: read files and folders, or bring known ones up to date."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.names import count, short
from localsearch.cli.options import EncoderOption, IndexOption, JsonOption, QuietOption, choose_index, tell_erased
from localsearch.errors import LocalSearchError, PathProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localsearch.cli.scope import TypedScope
    from localsearch.engine import Index
    from localsearch.records import Report, Skipped
    from localsearch.settings import Settings

NAMED = 20
"""Skipped files that are named in the summary; `status --skipped` lists them all."""


AGAIN = "; the next run tries again"


class Interrupted(LocalSearchError):
    """Ctrl-C during an indexing run."""

    exit_code = 130


def _path(typed: str) -> Path:
    """The path that was typed; `Path("")` would be the current folder."""
    if not typed:
        raise PathProblem("An empty path names nothing.", hint="Name a file or a folder; `.` is the current one.")
    return Path(typed)


def index(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", parser=_path, help="Files or folders.")
    ] = None,
    *,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="GLOB", help="Read only files that match. Repeatable.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Leave out what matches. Repeatable.")
    ] = None,
    hidden: Annotated[bool, typer.Option("--hidden", help="Read hidden files and folders too.")] = False,
    no_ignore: Annotated[bool, typer.Option("--no-ignore", help="Do not heed .gitignore and the like.")] = False,
    max_file_mb: Annotated[
        int | None, typer.Option("--max-file-mb", metavar="N", help="Leave out files larger than N MiB.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", help="Parser processes; one per core by default.")
    ] = None,
    unsealed: Annotated[
        bool, typer.Option("--unsealed", help="Go on where the kernel cannot seal the processes that read documents.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would be read, and what is left out and why.")
    ] = False,
    json: JsonOption = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name every file.")] = False,
    quiet: QuietOption = False,
    encoder: EncoderOption = None,
    index: IndexOption = None,
) -> None:
    """Read files and folders, or bring known ones up to date.

    Remembers each PATH; without one, everything remembered is brought up to date. Only what changed is read, and
    only new passages are encoded. Ctrl-C keeps what was committed.

    \b
    Examples:
      localsearch index ~/contracts ~/minutes
      localsearch index
      localsearch index ~/contracts --exclude "*.log" --dry-run
    """
    from localsearch.cli.scope import TypedScope
    from localsearch.engine import checked_root
    from localsearch.paths import is_index
    from localsearch.settings import load

    typed = TypedScope(tuple(include or ()), tuple(exclude or ()), hidden, no_ignore, max_file_mb)
    if typed and not paths:
        raise typer.BadParameter("--include, --exclude, --hidden, --no-ignore and --max-file-mb need a PATH.", context)
    settings = load(
        {
            "workers": workers,
            "max_file_mb": max_file_mb,
            "encoder": str(encoder) if encoder else None,
            "unsealed": unsealed or None,
        }
    )
    folder = choose_index(context, index, tell=not quiet).folder
    for path in paths or ():
        checked_root(path, index=folder if is_index(folder) else None)  # before an index is made for it
    if dry_run:
        from localsearch.cli.dry_run import dry_run as list_files

        list_files(paths or (), folder, typed, settings.settings.max_file_mb, json=json)
        return
    report = _run(paths or (), folder, typed, settings.settings, encoder, verbose=verbose, quiet=quiet)
    if json:
        output.write_object(asdict(report))
    if not quiet:
        _print_summary(report, NAMED if not verbose else len(report.skipped))


def _run(
    paths: Sequence[Path],
    folder: Path,
    typed: TypedScope,
    settings: Settings,
    encoder: Path | None,
    *,
    verbose: bool,
    quiet: bool,
) -> Report:
    from localsearch.cli.progress import Reporter
    from localsearch.cli.scope import known_scopes

    workers, unsealed = settings.workers or None, settings.unsealed
    with _open_or_create(folder, settings, encoder, create=bool(paths)) as opened:
        known = known_scopes(folder)
        if not paths and not known:
            raise PathProblem("No folder is indexed yet.", hint="Name one: `localsearch index FOLDER`.")
        reporter = Reporter(verbose=verbose, quiet=quiet)
        try:
            if not paths:
                return opened.update(workers=workers, unsealed=unsealed, progress=reporter)
            scope = typed.scope(settings.max_file_mb) if typed or not known else None
            return opened.add(*paths, scope=scope, workers=workers, unsealed=unsealed, progress=reporter)
        except KeyboardInterrupt:
            raise Interrupted(f"interrupted; {reporter.kept}.", hint="The same command goes on from there.") from None
        finally:
            reporter.close()


def _open_or_create(folder: Path, settings: Settings, encoder: Path | None, *, create: bool) -> Index:
    from localsearch.engine import Index
    from localsearch.paths import is_index

    if create and not is_index(folder):
        return Index.create(folder, encoder=settings.encoder or None, passage_size=settings.passage_size)
    return tell_erased(Index.open(folder, encoder=encoder))


def _print_summary(report: Report, most: int) -> None:
    for warning in report.warnings:
        diagnostics.note(f"{warning}.")
    diagnostics.say(_summary(report))
    for skipped in report.skipped[:most]:
        diagnostics.say(f"skipped {short(skipped.path)}: {skipped.reason}{AGAIN if skipped.transient else ''}")
    if len(report.skipped) > most:
        diagnostics.say(f"... and {len(report.skipped) - most:,} more: localsearch status --skipped")
    elif report.failing > len(_paths(report.skipped)):
        diagnostics.say(f"{count(report.failing, 'file')} without text in all: localsearch status --skipped")


def _summary(report: Report) -> str:
    changes = (
        (report.added, "new"),
        (report.changed, "changed"),
        (report.removed, "removed"),
    )
    told = ", ".join(f"{number:,} {word}" for number, word in changes if number) or "none changed"
    files = count(report.added + report.changed + report.unchanged, "file")
    passages = f"{count(report.passages, 'passage')} ({report.encoded:,} encoded)"
    skipped = f"; {count(len(_paths(report.skipped)), 'file')} skipped" if report.skipped else ""
    return f"{files} ({told}), {passages} in {report.seconds:,.1f} s{skipped}"


def _paths(skipped: Sequence[Skipped]) -> set[str]:
    return {one.path for one in skipped}
