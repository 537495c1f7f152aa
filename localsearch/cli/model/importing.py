"""`localsearch model import`: make an encoder of a sentence-transformers or Hugging Face folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.model.compare import BeirOption
from localsearch.cli.names import short
from localsearch.cli.options import JsonOption, QuietOption
from localsearch.encoder.card import Pooling

MaxLossOption = Annotated[
    float, typer.Option("--max-loss", metavar="X", help="nDCG@10 that a smaller version may cost on any collection.")
]


def import_encoder(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", readable=False, help="Holds config.json and weights.")],
    *,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Of the new encoder; the folder's by default.")
    ] = "",
    licence: Annotated[str, typer.Option("--licence", help="Of the weights, where the README does not name it.")] = "",
    pooling: Annotated[
        Pooling | None, typer.Option("--pooling", help="For plain Hugging Face folders; mean by default.")
    ] = None,
    query_prefix: Annotated[
        str | None, typer.Option("--query-prefix", metavar="TEXT", help='Put before each query, such as "query: ".')
    ] = None,
    passage_prefix: Annotated[
        str | None, typer.Option("--passage-prefix", metavar="TEXT", help="Put before each passage.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", metavar="N", min=16, help="Word pieces that are read of a text.")
    ] = None,
    beir: BeirOption = None,
    max_loss: MaxLossOption = 0.01,
    float32: Annotated[
        bool, typer.Option("--float32", help="Keep the weights as they are: four times larger.")
    ] = False,
    no_weights: Annotated[
        bool, typer.Option("--no-weights", help="Keep no weights.safetensors: it cannot be pruned or quantised again.")
    ] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make an encoder of a sentence-transformers or Hugging Face folder, and prove that it gives the same vectors.

    Only safetensors are read, and no code of the folder is run. Needs the extra 'compress'.

    \b
    Examples:
      localsearch model import ~/models/all-MiniLM-L6-v2
      localsearch model import ~/models/e5-small --name e5 --query-prefix "query: " --passage-prefix "passage: "
    """
    from localsearch.compress.compare.material import datasets
    from localsearch.compress.importing import Wishes, import_folder
    from localsearch.encoder.card import read_facts
    from localsearch.evaluate import read_dataset

    wishes = Wishes(
        name=name or _name_of(folder),
        licence=licence,
        pooling=pooling,
        query_prefix=query_prefix,
        passage_prefix=passage_prefix,
        max_tokens=max_tokens,
        float32=float32,
        keep_weights=not no_weights,
        max_loss=max_loss,
        sets={dataset.name: read_dataset(dataset) for place in beir or () for dataset in datasets(place)},
    )
    made = import_folder(folder, wishes, (lambda _: None) if quiet else diagnostics.say)
    if json:
        output.write_object(dict(read_facts(made)))
    elif not quiet:
        diagnostics.say(
            f"{wishes.name} is in {short(made)}. `localsearch model use {wishes.name}` changes the index to it."
        )


def _name_of(folder: Path) -> str:
    """The folder's name with dashes for what an encoder's name cannot hold."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", folder.absolute().name).strip("-.")[:64]
