"""From a budget to the encoder within it: make every rung, measure all in one run, keep the best."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from localsearch.compress.compare.report import row_as_json
from localsearch.compress.compare.run import Comparison, Material, Row, compare
from localsearch.compress.extra import need_extra
from localsearch.compress.gate import Tell
from localsearch.compress.optimize.budget import Budget, Shortfall, best, missed, missed_size
from localsearch.compress.optimize.make import Bench, Schooling, make, published
from localsearch.compress.optimize.rungs import AS_IT_IS, Rung, ladder
from localsearch.compress.recipes.fast import FAST
from localsearch.compress.shelve import DONE, shelving
from localsearch.encoder.card import MODEL, TOKENIZER, read_card, read_facts
from localsearch.encoder.shelf import new_folder
from localsearch.errors import LocalSearchError


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become of which encoder."""

    start: Path
    name: str
    budget: Budget
    material: Material
    texts: tuple[Path, ...] = ()
    """The user's documents; without any, what is measured on takes their place, and nothing is trained."""
    steps: int = 0
    """Of training for each trained rung; 0: as many as the recipe says, if `hours` are given, else none is trained."""
    hours: float | None = None
    """That all trained rungs together may train; None: as long as their steps take."""
    keep_weights: bool = True
    command: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One rung and what became of it."""

    rung: Rung
    folder: Path | None = None
    """While it is needed; None when it could not be made."""
    bytes: int = 0
    """Of the files that it runs with; 0 when it could not be made."""
    row: Row | None = None
    """As measured; None when it was not."""
    misses: tuple[Shortfall, ...] = ()
    """What it misses of the budget, as far as it is known."""
    reason: str = ""
    """Why it was not made."""

    @property
    def fits(self) -> bool:
        return self.row is not None and not self.misses


@dataclass(frozen=True, slots=True)
class Outcome:
    """All candidates, and which of them it is."""

    start: str
    budget: Budget
    candidates: tuple[Candidate, ...]
    comparison: Comparison
    winner: Candidate | None

    @property
    def nearest(self) -> Candidate:
        """The one whose worst known shortfall is smallest."""
        made = [one for one in self.candidates if one.folder is not None]
        return min(made, key=lambda one: max((miss.share for miss in one.misses), default=0.0))


def optimize(wanted: Wanted, tell: Tell) -> Outcome:
    """Try the ladder and install the best encoder within the budget as `wanted.name`; no winner, nothing installed.

    Raises MissingExtra; EncoderError when the start keeps no weights or the name is taken; PathProblem for texts.
    """
    need_extra()
    new_folder(wanted.name)
    from localsearch.compress.optimize.reading import read
    from localsearch.compress.weights import load_torch

    load_torch(wanted.start)  # without weights nothing can be made: better said now
    facts = read_facts(wanted.start)
    rungs = ladder(
        int(facts.get("layers", 1)), str(facts.get("dtype", "")), training=bool(wanted.steps or wanted.hours)
    )
    tell("reading the text")
    reading = read(wanted.texts, wanted.material, wanted.start, tell)
    with shelving(wanted.name) as place:
        bench = Bench(wanted.start, wanted.name, reading, _schooling(wanted, rungs), place, wanted.command)
        made = _all_made(rungs, bench, wanted.budget, tell)
        outcome = _measured(made, wanted, tell)
        if outcome.winner is not None and outcome.winner.folder is not None:
            told = _told(outcome, outcome.winner, wanted)
            published(outcome.winner.folder, place / DONE, told, keep_weights=wanted.keep_weights)
    return outcome


def _schooling(wanted: Wanted, rungs: Sequence[Rung]) -> Schooling | None:
    trained = sum(rung.trained for rung in rungs)
    if not trained:
        return None
    seconds = math.inf if wanted.hours is None else wanted.hours * 3600 / trained
    return Schooling(wanted.texts, wanted.steps or FAST.steps, seconds)


def _all_made(rungs: Sequence[Rung], bench: Bench, budget: Budget, tell: Tell) -> list[Candidate]:
    made: list[Candidate] = []
    for rung in rungs:
        untrained = next((one for one in made if one.rung.cut == rung.cut and one.rung.kind is rung.kind), None)
        if rung.trained and untrained is not None and untrained.misses:
            made.append(replace(untrained, rung=rung))  # training changes no size, so it need not be spent
            continue
        tell(f"{rung.name}: making it")
        try:
            folder = make(rung, bench, tell)
        except LocalSearchError as error:
            made.append(Candidate(rung, reason=error.message))
            continue
        bytes_ = _running_bytes(folder)
        made.append(Candidate(rung, folder, bytes_, misses=tuple(missed_size(budget, bytes_))))
        if made[-1].misses and folder != bench.start:
            shutil.rmtree(folder)  # it will not be measured
    return made


def _running_bytes(folder: Path) -> int:
    """Of the files that an encoder runs with."""
    card = read_card(folder)
    return sum(file.bytes for file in card.files if file.name in {MODEL, TOKENIZER, card.projection})


def _measured(made: Sequence[Candidate], wanted: Wanted, tell: Tell) -> Outcome:
    """All that are small enough, in one run; the start always, because the others are held against it."""
    folders = {
        one.rung.name: one.folder for one in made if one.folder is not None and (one.rung == AS_IT_IS or not one.misses)
    }
    comparison = compare(folders, wanted.material, tell=tell)
    rows = {row.name: row for row in comparison.rows}
    start = rows[AS_IT_IS.name]
    candidates = [
        replace(one, row=row, misses=tuple(missed(wanted.budget, row, start)))
        if (row := rows.get(one.rung.name)) is not None
        else one
        for one in made
    ]
    within = {one.rung.name: one for one in candidates if one.fits}
    winner = within[best([one.row for one in within.values() if one.row is not None]).name] if within else None
    return Outcome(read_card(wanted.start).name, wanted.budget, tuple(candidates), comparison, winner)


def _told(outcome: Outcome, winner: Candidate, wanted: Wanted) -> Mapping[str, Any]:
    """What the card says besides what the rung's own card does."""
    card, start, row = read_card(wanted.start), outcome.comparison.rows[0], winner.row
    dtype = "" if winner.folder is None else str(read_facts(winner.folder).get("dtype", ""))
    measured = {} if row is None else {key: value for key, value in row_as_json(row).items() if key != "folder"}
    return {
        "name": f"{wanted.name}-{dtype}",
        "parent": {"name": card.name, "fingerprint": card.fingerprint},
        "command": wanted.command,
        "optimised": {
            "rung": winner.rung.name,
            "what": winner.rung.what,
            "budget": asdict(outcome.budget),
            "tried": [one.rung.name for one in outcome.candidates],
            "measured": measured | {"name": winner.rung.name},
            "start": {"mean": {"dense": round(start.dense, 6), "hybrid": round(start.hybrid, 6)}},
            "machine": asdict(outcome.comparison.machine),
        },
    }
