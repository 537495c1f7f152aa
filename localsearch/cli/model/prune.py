"""`localsearch model prune`: take away from an encoder what your documents need least."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.model.compare import BeirOption
from localsearch.cli.model.distill import Teller, interruptible
from localsearch.cli.names import short
from localsearch.cli.options import IndexOption, JsonOption, QuietOption, choose_index

if TYPE_CHECKING:
    from localsearch.compress.prune.cuts import Cuts

SPARSITY = 0.5
"""When a method or a pattern is named without a share."""


class MethodName(StrEnum):
    """`compress.prune.cuts.Method` says what each is."""

    WANDA = "wanda"
    MAGNITUDE = "magnitude"


class PatternName(StrEnum):
    """`compress.prune.cuts.Pattern` says what each is."""

    UNSTRUCTURED = "unstructured"
    TWO_OF_FOUR = "2:4"


TextOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--text", metavar="FOLDER", readable=False, help="Documents, or .txt or .jsonl files; the index by default."
    ),
]


def prune(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="An encoder, or a folder with a slash.")] = "default",
    *,
    out: Annotated[
        str, typer.Option("--out", "--name", metavar="NAME", help="The new encoder's name, or a path with a slash.")
    ],
    sparsity: Annotated[
        float | None, typer.Option("--sparsity", metavar="SHARE", help="Weights of each matrix to set to zero.")
    ] = None,
    method: Annotated[MethodName | None, typer.Option("--method", help="Which weights; wanda by default.")] = None,
    pattern: Annotated[PatternName | None, typer.Option("--pattern", help="Anywhere, or two of every four.")] = None,
    rounds: Annotated[int, typer.Option("--rounds", metavar="N", help="Set them to zero bit by bit, learning.")] = 1,
    ffn: Annotated[float, typer.Option("--ffn", metavar="SHARE", help="Feed-forward neurons to remove.")] = 0.0,
    heads: Annotated[
        float, typer.Option("--heads", metavar="N", help="Attention heads to remove from each layer, or a share.")
    ] = 0.0,
    drop_layers: Annotated[int, typer.Option("--drop-layers", metavar="N", help="Layers to remove.")] = 0,
    vocabulary: Annotated[int, typer.Option("--vocabulary", metavar="N", help="Word pieces to keep.")] = 0,
    recover: Annotated[int, typer.Option("--recover", metavar="STEPS", help="Train what is left, so many steps.")] = 0,
    text: TextOption = None,
    beir: BeirOption = None,
    max_loss: Annotated[
        float | None, typer.Option("--max-loss", metavar="X", help="nDCG@10 that it may cost; anything by default.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the order of the texts in training.")] = 7,
    json: JsonOption = False,
    quiet: QuietOption = False,
    index: IndexOption = None,
) -> None:
    """Take away from an encoder what your own text needs least: weights, neurons, heads, layers, words.

    Zeros (--sparsity) make it smaller when it is zipped, not faster; removed parts make it smaller and faster. What
    that costs is measured: on judged collections (--beir), or on your text. Needs the extra 'compress'.

    \b
    Examples:
      localsearch model prune --ffn 0.25 --text ~/contracts --out contracts-lean
      localsearch model prune minilm --sparsity 0.5 --method wanda --index ~/index --out minilm-sparse
      localsearch model prune --ffn 0.5 --drop-layers 1 --recover 1000 --text ~/contracts --out lean
    """
    from localsearch.compress.compare.material import datasets
    from localsearch.compress.prune.run import prune_encoder
    from localsearch.compress.prune.work import Wanted
    from localsearch.encoder.card import read_facts
    from localsearch.encoder.shelf import find_encoder, new_folder
    from localsearch.evaluate import read_dataset
    from localsearch.trainings import training_folder

    cuts = _cuts(sparsity, method, pattern, rounds, ffn=ffn, heads=heads, layers=drop_layers, vocabulary=vocabulary)
    wanted = Wanted(
        parent=find_encoder(name),
        out=Path(out).expanduser().absolute() if "/" in out else new_folder(out),
        cuts=cuts,
        texts=tuple(text or ()),
        index=None if text else choose_index(context, index).folder,
        sets={dataset.name: read_dataset(dataset) for place in beir or () for dataset in datasets(place)},
        max_loss=max_loss,
        recover=recover,
        seed=seed,
    )
    with interruptible(training_folder(wanted.out), out):
        made = prune_encoder(wanted, (lambda _: None) if quiet else diagnostics.say, Teller(quiet=quiet))
    if json:
        output.write_object(dict(read_facts(made)))
        return
    if not quiet:
        if cuts.masking is not None:
            diagnostics.say("zeros save bytes only where the model is compressed, and no time.")
        diagnostics.say(f"the encoder is in {short(made)}. `localsearch model use {out}` changes the index to it.")


def _cuts(
    sparsity: float | None,
    method: MethodName | None,
    pattern: PatternName | None,
    rounds: int,
    *,
    ffn: float,
    heads: float,
    layers: int,
    vocabulary: int,
) -> Cuts:
    from localsearch.compress.extra import need_extra

    need_extra()
    from localsearch.compress.prune.cuts import Cuts, Masking, Method, Pattern

    masking = None
    if sparsity is not None or method is not None or pattern is not None:
        share = SPARSITY if sparsity is None else sparsity
        masking = Masking(share, Method(method or Method.WANDA), Pattern(pattern or Pattern.UNSTRUCTURED))
    return Cuts(vocabulary, layers, heads, ffn, masking, rounds)
