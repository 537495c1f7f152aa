"""The student as an encoder folder in float32 and int8, with a card that says how it was made."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.errors import EncoderError, PathProblem

if TYPE_CHECKING:
    from localsearch.compress.multilingual.workplace import Workplace

NAME = "multilingual"
NOTICE = """\
The encoder in this folder begins with layers and word pieces of intfloat/multilingual-e5-small (MIT License), and was
trained to give vectors made of those of sentence-transformers/all-MiniLM-L6-v2 and all-mpnet-base-v2 (both Apache
License, Version 2.0) and of multilingual-e5-small, on free text that card.json names. The text is not in this folder.
"""


def publish(place: Workplace, model: Path, out: Path) -> Path:
    """Write the encoder of the last checkpoint to `out`. Raises PathProblem when it exists, EncoderError without."""
    from localsearch.compress.build import About, build, facts
    from localsearch.compress.default import versions
    from localsearch.compress.folder import write_card
    from localsearch.compress.multilingual.train import load_checkpoint

    if out.exists():
        raise PathProblem(f"{out} exists already.", hint="Choose another folder, or move it away.")
    kept = load_checkpoint(place.folder)
    if kept is None:
        raise EncoderError(f"{place.folder} has no checkpoint.", hint="Train first.")
    student = place.student(model)
    student.load_state_dict(kept["student"])
    about = About(
        name=NAME,
        licence="MIT and Apache-2.0",
        origin="intfloat/multilingual-e5-small, sentence-transformers/all-MiniLM-L6-v2, all-mpnet-base-v2",
        notice=NOTICE,
        max_tokens=place.recipe.longest,
        command="python -m localsearch.compress.multilingual publish FOLDER",
    )
    made = out.with_name(f".{out.name}.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    exact, small = made / "float32", made / "int8"
    build(student, place.folder, about, exact=exact, small=small)
    told = {
        "training": {"recipe": asdict(place.recipe), "steps": kept["step"], "cpu_seconds": round(kept["cpu_seconds"])}
    }
    write_card(small, facts(student, about, "int8") | told | {"versions": versions()})
    os.replace(small, out)
    shutil.rmtree(made)
    return out
