"""`localsearch model optimize`: the best encoder that a device has room and time for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.model.compare import BeirOption, tell
from localsearch.cli.names import short
from localsearch.cli.options import IndexOption, JsonOption, QuietOption, choose_index

if TYPE_CHECKING:
    from localsearch.compress.compare.run import Material
    from localsearch.compress.optimize.budget import Budget
    from localsearch.compress.optimize.run import Outcome, Wanted

TextOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--text", metavar="FOLDER", readable=False, help="Your documents, or .txt or .jsonl files; repeatable."
    ),
]


def optimize(
    context: typer.Context,
    encoder: Annotated[str, typer.Argument(metavar="[NAME]", help="The encoder to begin with; default.")] = "default",
    *,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Of the new encoder.")],
    max_mb: Annotated[
        float | None, typer.Option("--max-mb", metavar="X", min=0, help="Megabytes of model and tokenizer.")
    ] = None,
    max_ms: Annotated[
        float | None, typer.Option("--max-ms", metavar="X", min=0, help="Milliseconds to encode a query, here.")
    ] = None,
    min_passages_per_second: Annotated[
        float | None, typer.Option("--min-passages-per-second", metavar="X", min=0, help="Encoded here, all cores.")
    ] = None,
    min_quality: Annotated[
        float, typer.Option("--min-quality", metavar="X", min=0, max=1, help="Share of the nDCG@10 it begins with.")
    ] = 0.9,
    text: TextOption = None,
    distill: Annotated[
        int, typer.Option("--distill", metavar="STEPS", min=0, help="Train some candidates so many steps each.")
    ] = 0,
    max_hours: Annotated[
        float | None, typer.Option("--max-hours", metavar="X", min=0, help="That all training together may take.")
    ] = None,
    beir: BeirOption = None,
    no_weights: Annotated[
        bool, typer.Option("--no-weights", help="Keep no weights.safetensors beside the new encoder.")
    ] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    index: IndexOption = None,
) -> None:
    """Try the ways to make an encoder smaller, and keep the best one within a device's budget.

    All are measured in one run on this machine: ranking on judged collections (--beir), or on sentences of your own
    index whose passage is to be found. Nothing is installed when none is within the budget. Needs the extra 'compress'.

    \b
    Examples:
      localsearch model optimize --max-mb 15 --min-quality 0.9 --text ~/contracts --name phone
      localsearch model optimize minilm --max-ms 2 --text ~/contracts --max-hours 4 --name small
    """
    from localsearch.compress.optimize.budget import Budget
    from localsearch.compress.optimize.run import Wanted
    from localsearch.compress.optimize.run import optimize as run

    budget = Budget(max_mb, max_ms, min_passages_per_second, min_quality)
    _check(context, budget, trains=bool(distill or max_hours), has_text=bool(text))
    start, material = _begin(context, encoder, name, beir or [], index)
    wanted = Wanted(
        start=start,
        name=name,
        budget=budget,
        material=material,
        texts=tuple(text or ()),
        steps=distill,
        hours=max_hours,
        keep_weights=not no_weights,
    )
    wanted = replace(wanted, command=_command(encoder, wanted))
    found = run(wanted, (lambda _: None) if quiet else tell)
    if not quiet and diagnostics.can_overwrite():
        diagnostics.overwrite("")
    _show(found, name, json=json, quiet=quiet)


def _check(context: typer.Context, budget: Budget, *, trains: bool, has_text: bool) -> None:
    """Raises BadParameter for options that do not go together."""
    if budget.max_mb is None and budget.max_ms is None and budget.min_passages_per_second is None:
        raise typer.BadParameter(
            "Say what the device allows: --max-mb, --max-ms or --min-passages-per-second.", context
        )
    if trains and not has_text:
        raise typer.BadParameter("--distill and --max-hours need --text: a student learns from it.", context)


def _begin(
    context: typer.Context, encoder: str, name: str, beir: list[Path], index: Path | None
) -> tuple[Path, Material]:
    """The encoder to begin with and what is measured on; that the name is free and torch is there as well."""
    from localsearch.compress.compare.material import gather
    from localsearch.compress.extra import need_extra
    from localsearch.encoder.shelf import find_encoder, new_folder

    start = find_encoder(encoder)
    new_folder(name)
    need_extra()
    return start, gather(beir, None if beir and index is None else choose_index(context, index).folder)


def _command(encoder: str, wanted: Wanted) -> str:
    from localsearch.compress.build import typed
    from localsearch.compress.compare.material import OWN

    budget = wanted.budget
    options = {
        "--max-mb": budget.max_mb,
        "--max-ms": budget.max_ms,
        "--min-passages-per-second": budget.min_passages_per_second,
        "--min-quality": budget.min_quality,
        "--distill": wanted.steps or None,
        "--max-hours": wanted.hours,
    }
    collections = [name for name in wanted.material.sets if name != OWN]
    words, last = ("optimize", Path(encoder).name), ("--name", wanted.name)
    return typed(*words, options=options, texts=wanted.texts, collections=collections, last=last)


def _show(found: Outcome, name: str, *, json: bool, quiet: bool) -> None:
    """The table; raises EncoderError after it when nothing is within the budget."""
    from localsearch.compress.optimize.report import as_json, as_markdown, missing
    from localsearch.encoder.shelf import find_encoder
    from localsearch.errors import EncoderError

    if json:
        output.write_object(as_json(found))
    else:
        output.write(as_markdown(found))
    if found.winner is None:
        nearest = found.nearest
        raise EncoderError(
            f"Nothing is within the budget. Nearest is {nearest.candidate.name!r}, with {missing(nearest)}.",
            hint="Nothing was installed; allow more, or let it train (--max-hours).",
        )
    if not quiet:
        if not found.winner.sure:
            diagnostics.note(
                f"{found.queries:,} queries cannot tell whether it keeps {found.budget.min_quality:.0%} of the ranking,"
                " so what changes least was taken; name a larger collection with --beir."
            )
        diagnostics.say(
            f"{name} ({found.winner.candidate.name}) is in {short(find_encoder(name))}. "
            f"`localsearch model use {name}` changes the index to it."
        )
