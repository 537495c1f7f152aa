"""`localsearch eval`: how well the three modes rank a judged collection."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.options import EncoderOption, JsonOption, QuietOption

MEASURES = {"ndcg@10": "nDCG@10", "recall@100": "recall@100", "mrr@10": "MRR@10"}


def evaluate(
    dataset: Annotated[
        Path,
        typer.Argument(
            metavar="DATASET", readable=False, help="Folder with corpus.jsonl, queries.jsonl and qrels/test.tsv."
        ),
    ],
    json: JsonOption = False,
    quiet: QuietOption = False,
    encoder: EncoderOption = None,
) -> None:
    """Measure nDCG@10, recall@100 and MRR@10 of the three modes on a judged collection in BEIR layout.

    The collection is indexed in a temporary folder, by the code that indexes files; your index is not touched.

    \b
    Examples:
      localsearch eval datasets/cranfield
      localsearch eval datasets/cranfield --encoder ~/encoders/legal --json
    """
    from localsearch.evaluate import evaluate as measure
    from localsearch.settings import load

    chosen = load({"encoder": str(encoder) if encoder else None}).settings.encoder
    result = measure(dataset, encoder=Path(chosen) if chosen else None, progress=None if quiet else _tell)
    if not quiet and diagnostics.can_overwrite():
        diagnostics.overwrite("")
    if json:
        output.write_object(
            {mode.value: {name: round(values[name], 6) for name in MEASURES} for mode, values in result.modes.items()}
        )
        return
    rows = [("", *MEASURES.values())]
    rows += [(mode.value, *(f"{values[name]:.4f}" for name in MEASURES)) for mode, values in result.modes.items()]
    output.write_table(rows)
    if not quiet:
        diagnostics.say(f"{result.documents:,} documents, {result.queries:,} queries")


def _tell(what: str, done: int, total: int) -> None:
    """A live line on a terminal, else one line per mode."""
    if diagnostics.can_overwrite():
        diagnostics.overwrite(f"{what}: {done:,}/{total:,} queries")
    elif done == total:
        diagnostics.say(f"{what}: {total:,} queries")
