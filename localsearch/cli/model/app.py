"""The commands below `localsearch model`, put together. None loads torch before it runs."""

from __future__ import annotations

import typer

from localsearch.cli.model.compare import compare
from localsearch.cli.model.discard import discard
from localsearch.cli.model.distill import distill
from localsearch.cli.model.importing import import_encoder
from localsearch.cli.model.listing import list_encoders
from localsearch.cli.model.optimize import optimize
from localsearch.cli.model.prune import prune
from localsearch.cli.model.quantize import quantize
from localsearch.cli.model.show import show
from localsearch.cli.model.use import use
from localsearch.cli.model.verify import verify

model = typer.Typer(help="Look at encoders, make them and choose one.")


@model.callback()
def _only_subcommands() -> None:
    """Look at encoders, make them and choose one."""


model.command("list")(list_encoders)
model.command("show")(show)
model.command("verify")(verify)
model.command("use")(use)
model.command("compare")(compare)
model.command("import")(import_encoder)
model.command("quantize")(quantize)
model.command("distill")(distill)
model.command("discard")(discard)
model.command("optimize")(optimize)
model.command("prune")(prune)
