"""`localsearch roots`: the indexed folders, and where they are now."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from localsearch.cli import output
from localsearch.cli.names import count, short
from localsearch.cli.options import EncoderOption, IndexOption, JsonOption, open_index


def roots(
    context: typer.Context,
    move: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--move", metavar="OLD NEW", help="An indexed folder now stands elsewhere."),
    ] = None,
    json: JsonOption = False,
    encoder: EncoderOption = None,
    index: IndexOption = None,
) -> None:
    """List the indexed folders, or tell the index that one was moved: nothing is read or encoded again.

    \b
    Examples:
      localsearch roots
      localsearch roots --move /media/old/contracts /media/new/contracts
    """
    with open_index(context, index, encoder) as opened:
        if move is not None:
            files = opened.move_root(*move)
            if not json:
                output.write(f"{short(move[1].absolute())}: {count(files, 'file')} moved with it")
        found = opened.status().roots
    if json:
        output.write_array(asdict(root) for root in found)
    elif move is None:
        for root in found:
            missing = "" if root.present else "  (missing now)"
            held = f"{count(root.files, 'file')}, {count(root.passages, 'passage')}"
            output.write(f"{short(root.path)}  {held}{missing}")
