"""`localsearch config`: the settings in force."""

from __future__ import annotations

from dataclasses import asdict

import typer

from localsearch.cli import output
from localsearch.cli.options import IndexOption, JsonOption, choose_index
from localsearch.display import display

config = typer.Typer(help="Show the settings in force.")


@config.callback()
def _only_subcommands() -> None:
    """Show the settings in force."""


@config.command("show")
def show(context: typer.Context, json: JsonOption = False, index: IndexOption = None) -> None:
    """Show every setting, its value and where that came from.

    \b
    Examples:
      localsearch config show
      LOCALSEARCH_RESULTS=20 localsearch config show --json
    """
    from localsearch.settings import load

    loaded = load()
    chosen = choose_index(context, index, tell=False)
    values = {"index": str(chosen.folder), **asdict(loaded.settings)}
    origins = {"index": chosen.why, **loaded.origins}
    if json:
        output.write_object({name: {"value": value, "origin": origins[name]} for name, value in values.items()})
        return
    shown = {name: f"{name} = {display(str(value)) or chr(34) * 2}" for name, value in values.items()}
    width = max(map(len, shown.values()))
    for name, text in shown.items():
        output.write(f"{text:<{width}}  ({display(origins[name])})")
