"""`localsearch model compare`: encoders side by side, measured in one run on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.options import IndexOption, JsonOption, QuietOption, choose_index

if TYPE_CHECKING:
    from localsearch.compress.compare.run import Comparison

BeirOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--beir", metavar="FOLDER", readable=False, help="A judged collection, or a folder of them; repeatable."
    ),
]
PASSAGES = 300


def compare(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Encoders, or folders with a slash.")],
    *,
    beir: BeirOption = None,
    passages: Annotated[
        int, typer.Option("--passages", min=10, max=100_000, help="Texts that speed is measured on; 300 unless set.")
    ] = PASSAGES,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", readable=False, help="Write compare.md, .json and .svg.")
    ] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    index: IndexOption = None,
) -> None:
    """Compare encoders: ranking, agreement with the first, parameters, bytes, speed, memory.

    Ranking is measured on judged collections (--beir), or on sentences of your own index whose passage is to be found.

    \b
    Examples:
      localsearch model compare default fast
      localsearch model compare default ./my-encoder --beir datasets/cranfield --out comparison
    """
    from localsearch.compress.compare.material import gather
    from localsearch.compress.compare.report import as_json, as_markdown
    from localsearch.compress.compare.run import compare as measure

    own = None if beir and index is None else choose_index(context, index).folder
    encoders = named(names)
    material = gather(beir or (), own, passages=passages)
    found = measure(encoders, material, tell=None if quiet else tell)
    if not quiet and diagnostics.can_overwrite():
        diagnostics.overwrite("")
    if out is not None:
        write(found, out)
    if json:
        output.write_object(as_json(found))
    else:
        output.write(as_markdown(found))


def named(names: list[str]) -> dict[str, Path]:
    """The folder of each encoder, by a short name of its own. Raises EncoderError when there is none."""
    from localsearch.encoder.shelf import find_encoder

    found: dict[str, Path] = {}
    for name in names:
        folder = find_encoder(name)
        short = Path(name).name or folder.name
        found[short if short not in found else f"{short} ({len(found) + 1})"] = folder
    return found


def write(found: Comparison, folder: Path) -> None:
    """compare.md, compare.json and compare.svg. Raises StorageError."""
    from json import dumps

    from localsearch.compress.compare.plot import plot
    from localsearch.compress.compare.report import as_json, as_markdown
    from localsearch.errors import StorageError

    texts = {"md": as_markdown(found) + "\n", "json": dumps(as_json(found), indent=2) + "\n", "svg": plot(found)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for ending, text in texts.items():
            (folder / f"compare.{ending}").write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"Cannot write to {folder}: {error.strerror}.") from None


def tell(line: str) -> None:
    """A live line on a terminal, else a line of its own."""
    if diagnostics.can_overwrite():
        diagnostics.overwrite(line)
    else:
        diagnostics.say(line)
