"""Make the student of many languages, step by step; each may be stopped and taken up again.

python -m localsearch.compress.multilingual COMMAND FOLDER ...
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.compress.extra import need_extra
from localsearch.compress.multilingual.recipe import RECIPE
from localsearch.compress.multilingual.workplace import Workplace
from localsearch.errors import LocalSearchError

if TYPE_CHECKING:
    from localsearch.compress.multilingual.train import Look

ROWS = 400_000
LOOK_EVERY = 250
"""Steps between two looks at the rows held out."""


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    try:
        need_extra()
        _run(options, Workplace(options.folder, RECIPE))
    except LocalSearchError as error:
        sys.exit(" ".join(filter(None, (error.message, error.hint))))


def _run(options: argparse.Namespace, place: Workplace) -> None:
    match options.command:
        case "rows":
            place.gather(options.text, options.most, _say)
        case "teach":
            part = next(part for part in RECIPE.teachers if part.name == options.teacher)
            place.teach(part, options.model, options.most, _say)
        case "pieces":
            place.choose_pieces(options.model, options.words, _say)
        case "train":
            seconds = 60 * options.minutes if options.minutes else math.inf
            place.training(options.model, _say).run(LOOK_EVERY, _show, seconds)
        case "fit":
            place.fit_again(options.model, _say)
        case "settle":
            training = place.branch(options.to).training(options.model, _say)
            training.fall = (training.step, options.steps)
            training.run(LOOK_EVERY, _show)
        case "publish":
            from localsearch.compress.multilingual.publish import publish

            _say(f"The encoder is in {publish(place, options.model, options.to)}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m localsearch.compress.multilingual",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, what: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=what, description=what)
        added.add_argument("folder", type=Path, help="of the training")
        return added

    rows = command("rows", "Bring English texts and their translations into an order.")
    rows.add_argument("--text", type=Path, nargs="+", required=True, help=".jsonl files")
    rows.add_argument("--most", type=int, default=ROWS)
    teach = command("teach", "Add a teacher's vectors of the English texts.")
    teach.add_argument("teacher", choices=[part.name for part in RECIPE.teachers])
    teach.add_argument("--most", type=int, default=ROWS)
    pieces = command("pieces", "Cut the vocabulary to what the languages need.")
    pieces.add_argument("--words", type=Path, nargs="*", default=[], help="word lists, one word a line")
    train = command("train", "Train, from where the last run stopped.")
    train.add_argument("--minutes", type=float, help="stop after these; without, at SIGTERM")
    fit = command("fit", "Find the axes of the teachers' space anew from all that they have read by now.")
    settle = command("settle", "Let the learning rate fall to nothing, in another folder.")
    settle.add_argument("--steps", type=int, required=True)
    publish = command("publish", "Write the student as an encoder folder.")
    for added in (settle, publish):
        added.add_argument("--to", type=Path, required=True)
    for added in (teach, pieces, train, fit, settle, publish):
        added.add_argument("--model", type=Path, required=True, help="a folder of sentence-transformers")
    return parser


def _show(look: Look) -> None:
    found = sum(look.found.values()) / max(1, len(look.found))
    cosine = sum(look.cosine.values()) / len(look.cosine)
    _say(
        f"step {look.step}: loss {look.loss:.3f}, cosine {look.cosine.get('en', 0.0):.3f} English {cosine:.3f} mean,"
        f" translations found {found:.3f}, {look.cpu_seconds:.0f} CPU seconds"
    )


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
