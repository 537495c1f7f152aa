"""`localsearch model verify`: is an encoder what its card says?"""

from __future__ import annotations

from typing import Annotated

import typer

from localsearch.cli import output
from localsearch.cli.options import JsonOption
from localsearch.display import display


def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Encoders, or folders with a slash; none means all.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check encoders: the SHA-256 of every file, the vector on the card, and what any encoder must do.

    Stops at the first check that fails, with exit code 1.

    \b
    Examples:
      localsearch model verify
      localsearch model verify default ./my-encoder
    """
    from localsearch.encoder.check import check
    from localsearch.encoder.shelf import find_encoder, installed

    chosen = [(name, find_encoder(name)) for name in names] if names else installed()
    done = []
    for name, folder in chosen:
        for passed in check(folder):
            done.append({"name": name, "check": passed.what, "found": passed.found})
            if not json:
                output.write(f"{display(name)}  {passed.what:<11}{display(passed.found)}")
    if json:
        output.write_array(done)
