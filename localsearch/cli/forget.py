"""`localsearch forget`: remove files from the index so that nothing of them stays."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from localsearch import trainings
from localsearch.cli import diagnostics, output
from localsearch.cli.names import count, short
from localsearch.cli.options import IndexOption, JsonOption, open_index
from localsearch.display import display
from localsearch.errors import EraseUnfinished


def forget(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", readable=False, help="Files or folders that the index knows.")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: JsonOption = False,
    index: IndexOption = None,
) -> None:
    """Remove files or folders from the index; the files themselves stay.

    Their text, words, vectors and names are overwritten, and later runs of `index` leave them out. While another
    program reads an older state of the index that has to wait: then the exit code is 3, and the next command after
    that does the rest.

    \b
    Examples:
      localsearch forget contracts/draft.docx
      localsearch forget --yes ~/old-projects
    """
    with open_index(context, index) as opened:
        names = ", ".join(short(path.absolute()) for path in paths)
        question = f"Forget {names} and everything below? The files themselves stay."
        if not yes and diagnostics.may_ask() and not diagnostics.confirm(question):
            diagnostics.say("Nothing was forgotten.")
            return
        forgotten: list[dict[str, str | int]] = []
        unfinished: EraseUnfinished | None = None
        for path in paths:
            try:
                files, unfinished = opened.remove(path), None
            except EraseUnfinished as error:
                files, unfinished = error.files, error
            forgotten.append({"path": str(path.absolute()), "files": files})
            if not json:
                output.write(f"{short(path.absolute())}: {count(files, 'file')} forgotten")
        _name_trainings([*paths, opened.folder])
    if json:
        output.write_array(forgotten)
    if unfinished:
        raise unfinished


def _name_trainings(paths: list[Path]) -> None:
    """A training keeps text of its own, which forgetting does not reach."""
    for training in trainings.unfinished():
        if any(training.may_hold(path) for path in paths):
            name = display(training.name)
            diagnostics.note(
                f"the training {name} may hold text of it; `localsearch model discard {name}` removes the training."
            )
