"""What queries can tell: claims that hold beyond chance, and the safer candidate where they cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from localsearch.compress.acceptance import Verdict, demand
from localsearch.compress.bootstrap import LEAST_QUERIES, difference, share
from localsearch.compress.compare.run import Quality, Row
from localsearch.compress.leakage import judged_rows, rows_of, unjudged
from localsearch.compress.measure import Agreement
from localsearch.compress.optimize.budget import Budget, keeps_quality, safest
from localsearch.errors import EncoderError
from localsearch.evaluate import Dataset
from localsearch.records import Block, BlockKind, Document
from tests.compress.compare.test_compare import made

Scores = list[tuple[float, ...]]


def scores(queries: int, mean: float, *, seed: int = 1, noise: float = 0.0, sets: int = 1) -> Scores:
    """Queries of very different difficulty, the same for every seed of the noise."""
    hardness = np.random.default_rng(0).uniform(-0.3, 0.3, (sets, queries))
    own = np.random.default_rng(seed).normal(0.0, noise, (sets, queries))
    return [tuple(row) for row in np.clip(mean + hardness + own, 0.0, 1.0)]


def test_pairing_tells_what_two_means_alone_do_not() -> None:
    """Small beside the spread between queries, but of one sign: beyond chance because the queries are paired."""
    start, cut = scores(200, 0.55), scores(200, 0.54, seed=2, noise=0.02)
    found = difference(cut, start)
    assert found.value == pytest.approx(-0.01, abs=0.005) and found.surely_below(0.0)
    unpaired = [tuple(np.random.default_rng(3).permutation(cut[0]))]
    assert not difference(unpaired, start).surely_below(0.0)


def test_the_bounds_hold_in_nineteen_of_twenty_cases() -> None:
    held = 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        start = chance.uniform(0.2, 0.8, 100)
        cut = start - 0.02 + chance.normal(0.0, 0.1, 100)
        held += difference([tuple(cut)], [tuple(start)]).low <= -0.02
    assert held / 200 == pytest.approx(0.95, abs=0.04)


def test_collections_weigh_alike_whatever_their_size() -> None:
    large, small = (0.5,) * 1_000, (0.9,) * 60
    assert difference([large, small], [(0.5,) * 1_000, (0.7,) * 60]).value == pytest.approx(0.1)
    assert share([large, small], [large, small]).low == 1.0
    assert share([(0.0,) * 60], [(0.0,) * 60]).value == 1.0, "where the start finds nothing, nothing is lost"


def test_few_queries_tell_nothing() -> None:
    few = LEAST_QUERIES - 1
    found = share(scores(few, 0.6), scores(few, 0.6))
    assert not found.tells and not found.surely_least(0.5) and not found.surely_below(2.0)


# The choice among candidates


def row(name: str, megabytes: float, found: Scores) -> Row:
    quality = {str(number): Quality(float(np.mean(one)), 0.5, one) for number, one in enumerate(found)}
    return replace(made(name, 0.5, 100.0, megabytes), quality=quality)


@pytest.mark.parametrize("seed", range(20))
def test_a_lucky_cut_is_not_taken_on_thirty_five_queries(seed: int) -> None:
    """As it happened: the cut ranks at 85 % of the start, and 35 queries show anything from 70 to 100 %."""
    start = row("as it is", 24, scores(35, 0.6))
    half = row("half the words", 18, scores(35, 0.59, seed=seed, noise=0.3))
    lucky = row("half of everything", 12, scores(35, 0.51, seed=seed + 100, noise=0.3))
    budget = Budget(max_mb=20, min_quality=0.9)
    assert not keeps_quality(budget, half, start) and not keeps_quality(budget, lucky, start)
    assert safest([half, lucky]).name == "half the words"
    assert keeps_quality(budget, start, start), "the start keeps what it is measured against"


def test_enough_queries_speak_for_a_smaller_or_a_better_candidate() -> None:
    start = row("as it is", 24, scores(400, 0.6))
    alike = row("alike", 18, scores(400, 0.6, seed=2, noise=0.001))
    worse = row("worse", 12, scores(400, 0.57, seed=3, noise=0.02))
    assert safest([start, alike, worse]).name == "alike"
    taught = row("taught", 30, scores(400, 0.65, seed=4, noise=0.05))
    assert safest([start, alike, worse, taught]).name == "taught"
    budget = Budget(min_quality=0.9)
    assert keeps_quality(budget, worse, start)
    poor = row("poor", 1, scores(400, 0.53, seed=5, noise=0.1))
    assert not keeps_quality(budget, poor, start)


# The acceptance of one smaller version


def verdict(exact: Scores, small: Scores, cosine: float = 0.99) -> Verdict:
    ranking = {"set": (float(np.mean(exact[0])), float(np.mean(small[0])))}
    return Verdict(ranking, Agreement(100, cosine, 0.9), {"set": difference(exact, small)})


def test_a_loss_is_accepted_when_it_is_small_beyond_chance() -> None:
    exact = scores(300, 0.6)
    demand(verdict(exact, scores(300, 0.598, seed=2, noise=0.02)), 0.01, hint="")
    with pytest.raises(EncoderError, match=r"falls from .* more than 0\.01"):
        demand(verdict(exact, scores(300, 0.57, seed=2, noise=0.02)), 0.01, hint="")
    with pytest.raises(EncoderError, match=r"60 queries cannot tell whether nDCG@10 on set falls by more than 0\.01"):
        demand(verdict(scores(60, 0.6), scores(60, 0.6, seed=6, noise=0.2)), 0.01, hint="")


def test_with_few_queries_the_vectors_must_agree() -> None:
    exact, small = scores(30, 0.6), scores(30, 0.6)
    demand(verdict(exact, small, cosine=0.98), 0.01, hint="")
    with pytest.raises(EncoderError, match="fewer than 50 queries cannot tell"):
        demand(verdict(exact, small, cosine=0.9), 0.01, hint="")
    demand(verdict(exact, small, cosine=0.5), 1.0, hint="")  # whatever it costs


# What is measured on is not learned from


def _document(title: str, text: str) -> Document:
    return Document((Block(BlockKind.PARAGRAPH, text),), title=title)


LONG = "the tenant tells the landlord in writing three months before the end of the quarter"
TITLE = "rules for the termination of commercial leases in the city of new york"


def test_texts_with_judged_words_are_left_out() -> None:
    data = Dataset(
        {"1": _document(TITLE, LONG), "2": _document("", "one two three four five six seven eight nine ten eleven")},
        {"q": "how long is the notice period"},
        {"q": {"1": 1, "2": 0}},
    )
    rows = judged_rows({"leases": data})
    texts = [
        f"Section 3: {LONG.upper()}, or later.",
        f"See {TITLE}.",
        "How long is the notice period?",
        "one two three four five six seven eight nine ten eleven",
        "the tenant tells the landlord",
    ]
    assert list(unjudged(texts, rows)) == texts[3:], "an excerpt, a title and a query are seen, an unjudged text is not"


def test_rows_are_the_same_in_every_process() -> None:
    import subprocess
    import sys

    code = f"from localsearch.compress.leakage import rows_of; print(sorted(rows_of({LONG!r})))"
    done = {
        subprocess.check_output([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, text=True).strip()
        for seed in ("1", "2")
    }
    assert done == {str(sorted(rows_of(LONG)))}
