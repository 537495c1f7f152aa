"""Options that several commands share, and what they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from localsearch.cli import diagnostics
from localsearch.paths import HERE, IndexChoice, find_index

if TYPE_CHECKING:
    from localsearch.engine import Index

IndexOption = Annotated[
    Path | None,
    typer.Option(
        "--index", metavar="FOLDER", readable=False, help="The index to use; `status` says which one and why."
    ),
]
EncoderOption = Annotated[
    Path | None,
    typer.Option(
        "--encoder", metavar="FOLDER", readable=False, help="The folder of the index's encoder, if it has moved."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but failures.")]


_TOLD = "localsearch.cli.options.told"


def choose_index(context: typer.Context, index: Path | None, *, tell: bool = True) -> IndexChoice:
    """The index meant: `--index` after the command wins over the one before it, then comes the environment.

    `tell`: say when it is one that merely lies in the current folder, which may be somebody else's.
    """
    chosen = find_index(index or context.find_root().obj)
    if tell and chosen.why == HERE and not context.meta.setdefault(_TOLD, False):
        context.meta[_TOLD] = True
        diagnostics.note(f"the index used is {chosen.folder}, because it is in the current folder.")
    return chosen


def open_index(context: typer.Context, index: Path | None, encoder: Path | None = None) -> Index:
    """Open the index meant. Raises IndexNotFound, IndexMismatch, IndexDamaged, StorageError."""
    from localsearch.engine import Index

    return tell_erased(Index.open(choose_index(context, index).folder, encoder=encoder))


def tell_erased(index: Index) -> Index:
    """The index, after saying that opening it has finished what an interrupted `forget` had left."""
    if index.erased_before:
        diagnostics.note("an earlier `forget` was not finished; what it removed is out of all files of the index now.")
    return index
