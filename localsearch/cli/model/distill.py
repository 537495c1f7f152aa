"""`localsearch model distill`: train a smaller encoder to do as a larger one does, on your own text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.index import Interrupted
from localsearch.cli.names import short, size
from localsearch.cli.options import JsonOption, QuietOption
from localsearch.cli.progress import LIVE, PLAIN
from localsearch.display import display
from localsearch.errors import EncoderError
from localsearch.meter import duration

if TYPE_CHECKING:
    from localsearch.compress.distill.config import DistillConfig
    from localsearch.compress.distill.run import Distillation, Plan, Request
    from localsearch.compress.distill.train import Training


MANY_STEPS = 1_000_000
"""More than any training that has minutes will do."""


class Recipe(StrEnum):
    FAST = "fast"
    TINY = "tiny"
    BASE = "base"


TextOption = Annotated[
    list[Path],
    typer.Option(
        "--text", metavar="FOLDER", readable=False, help="Documents, or .txt or .jsonl files; may be repeated."
    ),
]
OutOption = Annotated[
    str, typer.Option("--out", metavar="NAME", help="The new encoder's name, or a folder's path with a slash.")
]
TeacherOption = Annotated[
    str, typer.Option("--teacher", metavar="NAME", help="The encoder to learn from: a name or a folder with a slash.")
]
StartOption = Annotated[
    str | None,
    typer.Option("--start", metavar="NAME", help="The encoder whose layers the student begins with; the teacher's."),
]
NeuronsOption = Annotated[
    float | None,
    typer.Option(metavar="SHARE", help="Of each layer's feed-forward neurons, at most 1, instead of the recipe's."),
]


def distill(
    *,
    text: TextOption,
    out: OutOption,
    teacher: TeacherOption = "default",
    start: StartOption = None,
    recipe: Annotated[Recipe, typer.Option(help="The numbers of the training.")] = Recipe.FAST,
    layers: Annotated[int | None, typer.Option(min=1, help="Layers of the student, instead of the recipe's.")] = None,
    neurons: NeuronsOption = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps, instead of the recipe's.")] = None,
    minutes: Annotated[
        float | None,
        typer.Option(metavar="N", min=0.1, help="Train about so long in all, whatever the steps."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the order of the texts, instead of the recipe's.")
    ] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Say how long it would take, and stop.")] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train a smaller encoder, on your own text, to give the vectors of a larger one. Needs the extra `compress`.

    It takes hours, says how many before it begins, and may be interrupted: the same command goes on, also with other
    --steps or --minutes.

    \b
    Examples:
      localsearch model distill --recipe fast --text ~/contracts --text ~/handbooks --out fast
      localsearch model distill --layers 4 --minutes 30 --text ~/contracts --out contracts-4
      localsearch model distill --layers 4 --text ~/contracts --out contracts-4 --estimate
    """
    from localsearch.compress.distill.run import distilling

    if steps is not None and minutes is not None:
        raise typer.BadParameter("Say --steps or --minutes, not both.")
    request = _request(recipe, text, out, teacher, start)
    steps = steps if minutes is None else MANY_STEPS
    seconds = None if minutes is None else minutes * 60.0
    config = _changed(request.config, neurons, steps, seed)
    request = replace(request, layers=layers, config=config, seconds=seconds)
    say = _silent if quiet else diagnostics.say
    say("reading the text ...")
    with distilling(request, say, estimate=estimate) as distillation:
        plan = distillation.plan()
        say(_described(plan, distillation))
        if estimate:
            _print_estimate(plan, json)
            say("The same command without --estimate trains.")
            return
        say(f"may be interrupted: the same command goes on. The curve is in {short(distillation.place)}.")
        with interruptible(distillation.place, out):
            distillation.train(Teller(quiet=quiet))
        _publish(distillation, _command(distillation, recipe), json)
    say(
        f"`localsearch model compare default {out}` measures it, `localsearch model use {out}` changes the index to it."
    )


@contextmanager
def interruptible(place: Path, out: str) -> Iterator[None]:
    """Say what Ctrl-C leaves, and how to go on."""
    from localsearch.compress.workplace import CHECKPOINT

    try:
        yield
    except KeyboardInterrupt:
        if not (place / CHECKPOINT).exists():
            raise
        raise Interrupted(
            "interrupted; what was learned is kept, and so is the text.",
            hint=f"The same command goes on from there; `localsearch model discard {out}` removes it.",
        ) from None


def _request(recipe: Recipe, text: list[Path], out: str, teacher: str, start: str | None) -> Request:
    from localsearch.compress.distill.run import Request
    from localsearch.compress.extra import need_extra
    from localsearch.compress.recipes import RECIPES
    from localsearch.encoder.shelf import find_encoder, new_folder

    need_extra()
    folder = Path(out).expanduser().absolute() if "/" in out else new_folder(out)
    begins = None if start is None else find_encoder(start)
    return Request(replace(RECIPES[recipe], name=folder.name), tuple(text), folder, find_encoder(teacher), begins)


def _changed(config: DistillConfig, neurons: float | None, steps: int | None, seed: int | None) -> DistillConfig:
    """The recipe with what was typed instead of its own. Raises EncoderError for a share that cannot be."""
    if neurons is not None and not 0 < neurons <= 1:
        raise EncoderError(f"--neurons is a share above 0 and at most 1, not {neurons:g}.")
    config = config if neurons is None else replace(config, neurons=neurons)
    config = config if steps is None else config.shortened(steps)
    return config if seed is None else replace(config, seed=seed)


def _described(plan: Plan, distillation: Distillation) -> str:
    share = plan.parameters / plan.teacher_parameters
    pieces = len(distillation.stream.ids)
    return (
        f"{pieces:,} word pieces of text; {plan.parameters / 1e6:.1f} M weights, {share:.0%} of the teacher's. "
        f"{plan.steps:,} steps of {plan.pieces:,} word pieces at {plan.seconds:.2f} s: about {duration(plan.total)}."
    )


def _print_estimate(plan: Plan, json: bool) -> None:
    if json:
        output.write_object({"steps": plan.steps, "seconds_a_step": plan.seconds, "seconds": plan.total})
    else:
        output.write(duration(plan.total))


def _publish(distillation: Distillation, command: str, json: bool) -> None:
    from localsearch.compress.distill.publish import publish, told_of
    from localsearch.encoder.card import MODEL

    told = told_of(distillation)
    folder = publish(distillation, command)
    last: dict[str, Any] = told["curve"][-1]
    if json:
        output.write_object({"folder": str(folder), **told})
        return
    bytes_ = (folder / MODEL).stat().st_size
    output.write(f"{display(str(folder))}  {size(bytes_)}  cosine {last['cosine']:.3f}  overlap {last['overlap']:.3f}")


def _command(distillation: Distillation, recipe: Recipe) -> str:
    from localsearch.compress.build import typed

    request, config = distillation.request, distillation.config
    options = {
        "--recipe": recipe,
        "--teacher": request.teacher.name,
        "--start": request.begins.name if request.start else None,
        "--layers": request.layers,
        "--neurons": config.neurons,
        "--steps": config.steps,
        "--seed": config.seed,
    }
    return typed("distill", options=options, texts=request.texts, last=("--out", request.out.name))


class Teller:
    """How far the training is: a live line on a terminal, an occasional line elsewhere. Called after each step."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._live = diagnostics.can_overwrite() and not quiet
        self._begun, self._first = time.monotonic(), -1
        self._due = self._begun

    def __call__(self, training: Training) -> None:
        now = time.monotonic()
        if self._first < 0:
            self._begun, self._first = now, training.step
        ended = training.step == training.last_step
        if self._quiet or (now < self._due and not ended):
            return
        self._due = now + (LIVE if self._live else PLAIN)
        line = self._line(training, now)
        if self._live and not ended:
            diagnostics.overwrite(line)
        else:
            diagnostics.overwrite("") if self._live else None
            diagnostics.say(line)

    def _line(self, training: Training, now: float) -> str:
        parts = [f"step {training.step:,} of {training.last_step:,}"]
        done = training.step - self._first
        if done:
            parts.append(f"{duration((now - self._begun) / done * (training.last_step - training.step))} left")
        look = training.looks[-1]
        return "  ".join([*parts, f"held out: cosine {look.cosine:.3f}, overlap {look.overlap:.3f}"])


def _silent(line: str) -> None:
    """What `--quiet` says."""
