"""`localsearch model show`: the card of an encoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from localsearch.cli import output
from localsearch.cli.names import short, size
from localsearch.cli.options import JsonOption
from localsearch.display import display

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="An encoder that `model list` shows, or a folder's path with a slash.")
]


def show(name: NameArgument, json: JsonOption = False) -> None:
    """Show the card of an encoder: what it is, where it comes from, what was measured.

    \b
    Examples:
      localsearch model show default
      localsearch model show ./my-encoder --json
    """
    from localsearch.encoder.card import read_facts
    from localsearch.encoder.shelf import find_encoder

    folder = find_encoder(name)
    facts = read_facts(folder)
    if json:
        output.write_object(dict(facts))
        return
    rows = [("folder", short(folder)), *_rows(facts)]
    width = max(len(key) for key, _ in rows)
    for key, value in rows:
        output.write(f"{key:<{width}}  {value}".rstrip())


def _rows(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Key and value of every entry; what has entries of its own stands under their keys joined."""
    for key, value in facts.items():
        if key == "files" and isinstance(value, dict):
            for name, file in value.items():
                yield f"file {display(name)}", f"{size(file['bytes'])}, sha256 {display(str(file['sha256']))}"
        else:
            yield from _flat(key, value)


def _flat(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
        for name, inner in value.items():
            yield from _flat(f"{key} {name}", inner)
    elif isinstance(value, dict):
        yield display(key), display(", ".join(f"{name} {inner}" for name, inner in value.items()))
    else:
        yield display(key), display(str(value))
