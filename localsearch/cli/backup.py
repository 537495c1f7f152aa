"""`localsearch backup`: a copy of the index that can be opened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from localsearch.cli import output
from localsearch.cli.names import count, short, size
from localsearch.cli.options import IndexOption, JsonOption, open_index


def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", readable=False, help="A new or empty folder.")],
    json: JsonOption = False,
    index: IndexOption = None,
) -> None:
    """Copy the index into another folder, consistent even while another process indexes.

    To restore, open the copy with `--index FOLDER`, or move the folder to where the index was. It holds your
    documents' text: keep it as you keep them. `forget` does not reach it.

    \b
    Examples:
      localsearch backup ~/backup/index-2026-11
      localsearch query --index ~/backup/index-2026-11 "notice period"
    """
    from localsearch.engine import Index

    with open_index(context, index) as opened:
        opened.backup(folder)
    with Index.open(folder) as copy:
        found = copy.status()
    if json:
        output.write_object({"folder": str(folder.absolute()), "passages": found.passages, "bytes": found.bytes})
    else:
        output.write(f"{short(folder.absolute())}: {count(found.passages, 'passage')}, {size(found.bytes)}")
