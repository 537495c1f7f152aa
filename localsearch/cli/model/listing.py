"""`localsearch model list`: the encoders that are installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.names import size
from localsearch.cli.options import IndexOption, JsonOption, choose_index, open_index
from localsearch.display import display
from localsearch.errors import EncoderError
from localsearch.paths import is_index

COLUMNS = ("  name", "model", "dim", "layers", "type", "reads", "licence")


def list_encoders(context: typer.Context, json: JsonOption = False, index: IndexOption = None) -> None:
    """List the encoders: size, vector length, layers, licence; a star marks the one that the index uses.

    \b
    Examples:
      localsearch model list
      localsearch model list --json
    """
    used = _fingerprint(context, index)
    rows = list(_rows(used))
    if json:
        output.write_array(rows)
        return
    output.write_table([COLUMNS, *(_cells(row) for row in rows)])
    if used and not any(row["used"] for row in rows):
        diagnostics.note("the index uses an encoder that is not in this list; `localsearch status` names it.")


def _fingerprint(context: typer.Context, index: Path | None) -> str:
    """Of the encoder that the index was made with; empty when there is no index."""
    if not is_index(choose_index(context, index).folder):
        return ""
    with open_index(context, index) as opened:
        return opened.status().fingerprint


def _rows(used: str) -> Iterator[dict[str, Any]]:
    from localsearch.encoder.card import MODEL, read_card, read_facts
    from localsearch.encoder.shelf import installed

    for name, folder in installed():
        try:
            card, facts = read_card(folder), read_facts(folder)
        except EncoderError as error:
            diagnostics.note(error.message)
            continue
        yield {
            "name": name,
            "folder": str(folder),
            "card_name": card.name,
            "model_bytes": next(file.bytes for file in card.files if file.name == MODEL),
            "bytes": sum(file.bytes for file in card.files),
            "dim": card.dim,
            "layers": facts.get("layers"),
            "dtype": facts.get("dtype"),
            "max_tokens": card.max_tokens,
            "licence": card.licence,
            "used": card.fingerprint == used,
        }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"{'*' if row['used'] else ' '} {row['name']}",
        size(row["model_bytes"]),
        str(row["dim"]),
        display(str(row["layers"] or "?")),
        display(str(row["dtype"] or "?")),
        f"{row['max_tokens']} pieces",
        display(row["licence"]),
    )
