"""The commands, put together. Each loads what it needs when it runs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from localsearch.cli import output
from localsearch.cli.audit import audit
from localsearch.cli.backup import backup
from localsearch.cli.config import config
from localsearch.cli.doctor import doctor
from localsearch.cli.evaluate import evaluate
from localsearch.cli.forget import forget
from localsearch.cli.index import index
from localsearch.cli.model.app import model
from localsearch.cli.options import IndexOption
from localsearch.cli.query import query
from localsearch.cli.roots import roots
from localsearch.cli.status import status
from localsearch.cli.summarize import summarize
from localsearch.cli.tui import tui
from localsearch.version import __version__

app = typer.Typer(
    name="localsearch",
    rich_markup_mode=None,  # plain help: rich would cost every command its import
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        output.write(f"localsearch {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def localsearch(
    context: typer.Context,
    index: IndexOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Private, offline semantic search for your documents. Nothing leaves this machine.

    \b
    Examples:
      localsearch index ~/contracts
      localsearch query "notice period of the lease"
    """
    context.obj = index
    if context.invoked_subcommand is None:
        output.write(context.get_help())


app.command("index")(index)
app.command("query")(query)
app.command("summarize")(summarize)
app.command("tui")(tui)
app.command("status")(status)
app.command("forget")(forget)
app.command("audit")(audit)
app.command("doctor")(doctor)
app.command("backup")(backup)
app.command("roots")(roots)
app.command("eval")(evaluate)
app.add_typer(model, name="model")
app.add_typer(config, name="config")


def command() -> Any:
    """The command line as one callable object (typer keeps its class to itself)."""
    return typer.main.get_command(app)
