"""`localsearch model quantize`: store an encoder's weights in fewer bytes."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.model.compare import BeirOption
from localsearch.cli.model.importing import MaxLossOption
from localsearch.cli.model.show import NameArgument
from localsearch.cli.names import short
from localsearch.cli.options import IndexOption, JsonOption, QuietOption, choose_index


class KindName(StrEnum):
    """The kinds that can be asked for; `compress.kinds.Kind` says what each is."""

    INT8 = "int8"
    INT8_FULL = "int8-full"
    FP16 = "fp16"
    EMBEDDINGS8 = "embeddings8"


def quantize(
    context: typer.Context,
    name: NameArgument,
    *,
    kind: Annotated[KindName, typer.Option("--kind", help="How the weights are stored.")] = KindName.INT8,
    new_name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Of the new encoder; NAME-KIND by default.")
    ] = "",
    beir: BeirOption = None,
    max_loss: MaxLossOption = 0.01,
    no_weights: Annotated[
        bool, typer.Option("--no-weights", help="Keep no weights.safetensors beside the new encoder.")
    ] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    index: IndexOption = None,
) -> None:
    """Store an encoder's weights in fewer bytes, and measure what that costs; too much, and nothing is installed.

    Ranking is measured on judged collections (--beir), or on sentences of your own index whose passage is to be found.
    Needs the extra 'compress'.

    \b
    Examples:
      localsearch model quantize minilm --kind fp16
      localsearch model quantize default --kind int8-full --beir datasets/cranfield
    """
    from localsearch.compress.extra import need_extra
    from localsearch.encoder.card import read_facts
    from localsearch.encoder.shelf import find_encoder, new_folder

    parent, made_name = find_encoder(name), new_name or f"{Path(name).name}-{kind}"
    new_folder(made_name)
    need_extra()
    from localsearch.compress.compare.material import gather
    from localsearch.compress.kinds import Kind
    from localsearch.compress.requantize import Wanted, quantize_encoder

    material = gather(beir or (), None if beir and index is None else choose_index(context, index).folder)
    wanted = Wanted(
        parent=parent,
        name=made_name,
        kind=Kind(kind),
        sets=material.sets,
        max_loss=max_loss,
        keep_weights=not no_weights,
    )
    made = quantize_encoder(wanted, (lambda _: None) if quiet else diagnostics.say)
    if json:
        output.write_object(dict(read_facts(made)))
    elif not quiet:
        diagnostics.say(
            f"{made_name} is in {short(made)}. `localsearch model use {made_name}` changes the index to it."
        )
