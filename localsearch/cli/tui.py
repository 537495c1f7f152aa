"""`localsearch tui`: the application for the terminal."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from localsearch.cli.options import EncoderOption, IndexOption, choose_index
from localsearch.errors import MissingExtra, SettingsError
from localsearch.records import Mode


def tui(
    context: typer.Context,
    text: Annotated[list[str] | None, typer.Argument(metavar="[TEXT]...", help="The first query.")] = None,
    mode: Annotated[
        Mode | None, typer.Option("--mode", help="By meaning and words (hybrid), by meaning, or by words.")
    ] = None,
    encoder: EncoderOption = None,
    index: IndexOption = None,
) -> None:
    """Search as you type, read around what is found, open it: an application for the terminal.

    F1 shows all keys. It works over SSH, and without an index it helps to make one.

    \b
    Examples:
      localsearch tui
      localsearch tui "notice period of the lease"
    """
    from localsearch.settings import load

    if (
        not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
        or os.environ.get("TERM", "dumb") == "dumb"
    ):
        raise SettingsError("`localsearch tui` needs a terminal.", hint="In scripts use `localsearch query`.")
    settings = load({"mode": mode}).settings
    folder = choose_index(context, index).folder
    try:
        from localsearch.tui.app import Start, run
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in ("textual", "rich"):
            raise MissingExtra("`localsearch tui` needs Textual.", hint="pip install 'textual>=8.2,<9'") from None
        raise
    run(Start(folder, " ".join(text or ()), settings.mode, encoder))
