"""`localsearch model discard`: give up a training, and remove the text that it holds."""

from __future__ import annotations

from typing import Annotated

import typer

from localsearch.cli import output
from localsearch.cli.names import size
from localsearch.cli.options import JsonOption
from localsearch.display import display


def discard(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A training that `localsearch status` lists: its --out or --name.")
    ],
    json: JsonOption = False,
) -> None:
    """Remove a training that is not finished, with the text and everything else that it holds.

    \b
    Examples:
      localsearch model discard fast
      localsearch model discard ./encoders/fast --json
    """
    from localsearch.trainings import discard as remove

    gone = remove(name)
    if json:
        output.write_object({"name": gone.name, "folder": str(gone.folder), "bytes": gone.bytes})
    else:
        output.write(f"{display(gone.name)}: {size(gone.bytes)} removed")
