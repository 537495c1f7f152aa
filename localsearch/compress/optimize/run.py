"""From a budget to the encoder within it: make every candidate, measure all in one run, keep the best."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from localsearch.compress.acceptance import Tell
from localsearch.compress.compare.report import row_as_json
from localsearch.compress.compare.run import Comparison, Material, Row, compare
from localsearch.compress.extra import need_extra
from localsearch.compress.install import DONE
from localsearch.compress.leakage import judged_rows
from localsearch.compress.optimize.budget import Budget, Shortfall, keeps_quality, missed, missed_size, safest
from localsearch.compress.optimize.candidates import AS_IT_IS, Candidate, candidates_for
from localsearch.compress.optimize.make import Setup, TrainingLimits, make, published
from localsearch.compress.recipes.fast import FAST
from localsearch.compress.workplace import put, workplace
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
    """Of training for each trained candidate; 0: the recipe's number if `hours` are given, else none is trained."""
    hours: float | None = None
    """That all trained candidates together may train; None: as long as their steps take."""
    keep_weights: bool = True
    command: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """One candidate and what became of it."""

    candidate: Candidate
    folder: Path | None = None
    """While it is needed; None when it could not be made."""
    bytes: int = 0
    """Of the files that it runs with; 0 when it could not be made."""
    row: Row | None = None
    """As measured; None when it was not."""
    misses: tuple[Shortfall, ...] = ()
    """What it misses of the budget, as far as it is known."""
    sure: bool = False
    """Whether it keeps the share of the ranking that is asked for beyond chance."""
    reason: str = ""
    """Why it was not made."""

    @property
    def fits(self) -> bool:
        return self.row is not None and not self.misses


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that was tried, and which of them it is."""

    start: str
    budget: Budget
    tried: tuple[Tried, ...]
    comparison: Comparison
    winner: Tried | None

    @property
    def queries(self) -> int:
        """That the ranking was measured on."""
        return sum(queries for _, queries in self.comparison.sets.values())

    @property
    def nearest(self) -> Tried:
        """The one whose worst known shortfall is smallest."""
        made = [one for one in self.tried if one.folder is not None]
        return min(made, key=lambda one: max((miss.share for miss in one.misses), default=0.0))


def optimize(wanted: Wanted, tell: Tell) -> Outcome:
    """Try the candidates and install the best one within the budget as `wanted.name`; without one, nothing.

    Raises MissingExtra; EncoderError when the start keeps no weights or the name is taken; PathProblem for texts.
    """
    need_extra()
    new_folder(wanted.name)
    from localsearch.compress.optimize.reading import read
    from localsearch.compress.weights import load_torch

    load_torch(wanted.start)  # without weights nothing can be made: better said now
    facts = read_facts(wanted.start)
    candidates = candidates_for(
        int(facts.get("layers", 1)), str(facts.get("dtype", "")), training=bool(wanted.steps or wanted.hours)
    )
    tell("reading the text")
    reading = read(wanted.texts, wanted.material, wanted.start, tell)
    target = new_folder(wanted.name)
    with workplace(target, {"command": wanted.command}, wanted.texts) as place:
        limits, unseen = _limits(wanted, candidates), judged_rows(wanted.material.sets)
        setup = Setup(wanted.start, wanted.name, reading, limits, unseen, place, wanted.command)
        made = _all_made(candidates, setup, wanted.budget, tell)
        outcome = _measured(made, wanted, tell)
        if outcome.winner is not None and outcome.winner.folder is not None:
            told = _told(outcome, outcome.winner, wanted)
            published(outcome.winner.folder, place / DONE, told, keep_weights=wanted.keep_weights)
            put(place / DONE, target)
    return outcome


def _limits(wanted: Wanted, candidates: Sequence[Candidate]) -> TrainingLimits | None:
    trained = sum(candidate.trained for candidate in candidates)
    if not trained:
        return None
    seconds = None if wanted.hours is None else wanted.hours * 3600 / trained
    return TrainingLimits(wanted.texts, wanted.steps or FAST.steps, seconds)


def _all_made(candidates: Sequence[Candidate], setup: Setup, budget: Budget, tell: Tell) -> list[Tried]:
    made: list[Tried] = []
    for candidate in candidates:
        untrained = next(
            (one for one in made if one.candidate.cut == candidate.cut and one.candidate.kind is candidate.kind), None
        )
        if candidate.trained and untrained is not None and untrained.misses:
            made.append(replace(untrained, candidate=candidate))  # training changes no size, so it need not be spent
            continue
        tell(f"{candidate.name}: making it")
        try:
            folder = make(candidate, setup, tell)
        except LocalSearchError as error:
            made.append(Tried(candidate, reason=error.message))
            continue
        bytes_ = _running_bytes(folder)
        made.append(Tried(candidate, folder, bytes_, misses=tuple(missed_size(budget, bytes_))))
        if made[-1].misses and folder != setup.start:
            shutil.rmtree(folder)  # it will not be measured
    return made


def _running_bytes(folder: Path) -> int:
    """Of the files that an encoder runs with."""
    card = read_card(folder)
    return sum(file.bytes for file in card.files if file.name in {MODEL, TOKENIZER, card.projection})


def _measured(made: Sequence[Tried], wanted: Wanted, tell: Tell) -> Outcome:
    """All that are small enough, in one run; the start always, because the others are held against it."""
    folders = {
        one.candidate.name: one.folder
        for one in made
        if one.folder is not None and (one.candidate == AS_IT_IS or not one.misses)
    }
    comparison = compare(folders, wanted.material, tell=tell)
    rows = {row.name: row for row in comparison.rows}
    start = rows[AS_IT_IS.name]
    tried = [
        replace(
            one,
            row=row,
            misses=tuple(missed(wanted.budget, row, start)),
            sure=keeps_quality(wanted.budget, row, start),
        )
        if (row := rows.get(one.candidate.name)) is not None
        else one
        for one in made
    ]
    winner = _winner(tried)
    return Outcome(read_card(wanted.start).name, wanted.budget, tuple(tried), comparison, winner)


def _winner(tried: Sequence[Tried]) -> Tried | None:
    """The safest of those that keep the ranking beyond chance; where none does, of those that may."""
    within = [one for one in tried if one.fits]
    within = [one for one in within if one.sure] or within
    rows = {one.candidate.name: one.row for one in within if one.row is not None}
    return next((one for one in within if one.candidate.name == safest(list(rows.values())).name), None)


def _told(outcome: Outcome, winner: Tried, wanted: Wanted) -> Mapping[str, Any]:
    """What the card says besides what the candidate's own card does."""
    card, start, row = read_card(wanted.start), outcome.comparison.rows[0], winner.row
    dtype = "" if winner.folder is None else str(read_facts(winner.folder).get("dtype", ""))
    measured = {} if row is None else {key: value for key, value in row_as_json(row).items() if key != "folder"}
    return {
        "name": f"{wanted.name}-{dtype}",
        "parent": {"name": card.name, "fingerprint": card.fingerprint},
        "command": wanted.command,
        "optimised": {
            "candidate": winner.candidate.name,
            "what": winner.candidate.what,
            "budget": asdict(outcome.budget),
            "tried": [one.candidate.name for one in outcome.tried],
            "measured": measured | {"name": winner.candidate.name},
            "sure": winner.sure,
            "start": {"mean": {"dense": round(start.dense, 6), "hybrid": round(start.hybrid, 6)}},
            "machine": asdict(outcome.comparison.machine),
        },
    }
