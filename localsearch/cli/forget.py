"""`localsearch forget`: remove files from the index so that nothing of them stays."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.names import count, short
from localsearch.cli.options import IndexOption, JsonOption, open_index


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

    Their text, words and vectors are overwritten, and later runs of `index` leave them out.

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
        for path in paths:
            files = opened.remove(path)
            forgotten.append({"path": str(path.absolute()), "files": files})
            if not json:
                output.write(f"{short(path.absolute())}: {count(files, 'file')} forgotten")
    if json:
        output.write_array(forgotten)
