"""Candidates, ever smaller: what is tried, what is within a budget, what becomes of the best."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from localsearch.compress.compare.run import Material, Row
from localsearch.compress.optimize.budget import Budget, Shortfall, missed, missed_size
from localsearch.compress.optimize.candidates import AS_IT_IS, Candidate, Cut, candidates_for, layers_left
from localsearch.encoder.card import read_card, read_facts, verify
from localsearch.encoder.onnx import Encoder
from localsearch.encoder.shelf import find_encoder, installed
from localsearch.errors import EncoderError, PathProblem
from tests.compress.compare.conftest import write_collection
from tests.compress.compare.test_compare import made
from tests.compress.test_distill import VOCABULARY, one_thread, seeded, write_text
from tests.conftest import TINY

__all__ = ["one_thread"]

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]

Run = Callable[..., str]


# What is tried


def test_the_ladder_leaves_out_what_the_start_is_already() -> None:
    names = [candidate.name for candidate in candidates_for(6, "int8", training=False)]
    assert names[0] == "as it is" and "int8" not in names
    assert {"fp16", "embeddings8"} < set(names)
    assert {"50% of the words", "75% of the neurons", "50% of the neurons", "4 of 6 layers", "3 of 6 layers"} < set(
        names
    )
    assert "int8" in [candidate.name for candidate in candidates_for(6, "float32", training=False)]
    assert len(set(names)) == len(names)


def test_the_ladder_is_trained_last_and_never_removes_the_only_layer() -> None:
    trained = [candidate.trained for candidate in candidates_for(6, "int8", training=True)]
    assert trained == sorted(trained) and sum(trained) == 3
    assert all(candidate.cut.layers == 1.0 for candidate in candidates_for(1, "int8", training=True))
    assert [candidate.name for candidate in candidates_for(2, "int8", training=False)].count("1 of 2 layers") == 1


# What is within a budget


def row(name: str, dense: float = 0.5, speed: float = 100.0, megabytes: float = 10.0) -> Row:
    """One set, so that `dense` is the mean as well; a query takes 1000 / `speed` ms."""
    measured = made(name, dense, speed, megabytes)
    return replace(measured, quality={"one": replace(measured.quality["one"], queries=(dense,) * 60)})


def test_every_limit_is_held() -> None:
    start = row("start")
    assert missed(Budget(10.0, 10.0, 100.0, 1.0), start, start) == []
    small = row("small", dense=0.4, speed=50.0, megabytes=12.0)
    assert [miss.unit for miss in missed(Budget(10.0, 10.0, 100.0, 0.9), small, start)] == [
        "MB",
        "ms a query",
        "passages/s",
        "nDCG@10",
    ]
    assert [str(miss) for miss in missed(Budget(min_quality=0.9), small, start)] == [
        "80.0% of the start's nDCG@10 instead of 90.0%"
    ]
    assert str(missed_size(Budget(max_mb=10), 12_340_000)[0]) == "12.3 MB instead of 10"
    assert missed(Budget(), small, start) == [], "a limit that is not named does not matter"


def test_how_far_a_limit_is_missed_is_the_same_both_ways() -> None:
    assert Shortfall(15.0, 10.0, "MB").share == pytest.approx(0.5)
    assert Shortfall(10.0, 15.0, "passages/s").share == pytest.approx(0.5)


# One command


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """An encoder folder of four layers, with its torch weights."""
    from localsearch.compress.build import About, build

    about = About(name="start", licence="MIT", origin="seed 3", notice="mine", max_tokens=128, command="pytest")
    build(seeded(positions=128), TINY, about, exact=tmp_path / "float32", small=tmp_path / "start")
    return tmp_path / "start"


@pytest.fixture
def optimize(start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    from localsearch.cli.app import command

    collection = write_collection(tmp_path / "set")

    def run(*arguments: str) -> str:
        fixed = ["model", "optimize", str(start), "--beir", str(collection), "--name", "phone", "--quiet"]
        command().main([*fixed, *arguments], standalone_mode=False)
        return capsys.readouterr().out

    return run


def test_the_best_within_the_budget_is_installed(optimize: Run, start: Path, tmp_path: Path) -> None:
    from localsearch.compress.weights import load_torch

    size = sum(file.bytes for file in read_card(start).files if file.name in ("model.onnx", "tokenizer.json"))
    limit = 0.95 * size / 1e6
    told = json.loads(optimize("--max-mb", f"{limit:.4f}", "--min-quality", "0", "--json"))
    by_name = {one["name"]: one for one in told["candidates"]}
    assert by_name["as it is"]["misses"][0]["unit"] == "MB" and by_name["as it is"]["measured"]["share"] == 1.0
    assert by_name["fp16"]["measured"] is None and by_name["fp16"]["bytes"] > size, "too large, so not measured"
    assert by_name["50% of the words"]["not_made"] is None
    within = [one for one in told["candidates"] if one["measured"] and not one["misses"]]
    assert all(one["bytes"] <= limit * 1e6 for one in within)
    winner = by_name[told["winner"]]
    assert winner is within[0], "a few queries cannot tell, so the one that changes least is taken"
    assert winner["sure"] is (told["budget"]["min_quality"] == 0.0) and winner["measured"]["share_between"] is None

    folder = find_encoder("phone")
    verify(folder, read_card(folder))
    facts = read_facts(folder)
    assert facts["name"] == "phone-int8" and facts["parent"]["fingerprint"] == read_card(start).fingerprint
    assert facts["command"].endswith(" --min-quality 0 --beir set --name phone")
    assert facts["optimised"]["candidate"] == told["winner"] and facts["optimised"]["budget"]["min_quality"] == 0.0
    assert facts["optimised"]["measured"]["bytes"] == winner["bytes"]
    assert "changed further" in (folder / "NOTICE").read_text() and "mine" in (folder / "NOTICE").read_text()
    assert str(tmp_path) not in (folder / "card.json").read_text(), "paths of this machine stay here"
    assert load_torch(folder).model.config.n_layers == facts["layers"]
    assert [path.name for path in folder.parent.iterdir()] == ["phone"], "the candidates are gone"


def test_nothing_within_the_budget_installs_nothing(optimize: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EncoderError, match=r"Nearest is '.*', with 0\.\d MB instead of 0\.01") as caught:
        optimize("--max-mb", "0.01")
    assert "\n" not in caught.value.message and caught.value.exit_code == 1
    table = capsys.readouterr().out
    assert "| as it is " in table and table.count("not measured") >= 8
    assert [name for name, _ in installed()] == ["default"]


def test_options_that_do_not_go_together_are_usage(optimize: Run) -> None:
    import typer

    with pytest.raises(typer.BadParameter, match="what the device allows"):
        optimize()
    with pytest.raises(typer.BadParameter, match="need --text"):
        optimize("--max-mb", "1", "--distill", "5")
    with pytest.raises(PathProblem, match="nowhere"):
        optimize("--max-mb", "1", "--text", "./nowhere")


# Single candidates


def _setup(start: Path, tmp_path: Path, seconds: float | None = None):  # type: ignore[no-untyped-def]
    from localsearch.compress.optimize.make import Setup, TrainingLimits
    from localsearch.compress.optimize.reading import read

    (tmp_path / "candidates").mkdir()
    texts = (write_text(tmp_path / "words.txt"),)
    reading = read(texts, Material({}, [], []), start, print)
    return Setup(
        start, "phone", reading, TrainingLimits(texts, 2, seconds), frozenset(), tmp_path / "candidates", "pytest"
    )


def test_a_cut_takes_what_it_says_and_what_is_left_can_be_cut_again(start: Path, tmp_path: Path) -> None:
    from localsearch.compress.optimize.make import make
    from localsearch.compress.shapes import widths_of
    from localsearch.compress.weights import load_torch

    cut = Cut(words=0.5, neurons=0.5, layers=0.5)
    setup = _setup(start, tmp_path)
    folder = make(Candidate("all", "all of it", cut), setup, print)
    model = load_torch(folder).model
    assert layers_left(cut, 4) == model.config.n_layers == 2
    assert widths_of(model) == [32, 32]
    kept = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    assert len(kept) == model.config.vocab_size < len(VOCABULARY)
    assert Encoder.load(folder, threads=1).encode_query("the book").shape == (32,)
    again = make(
        Candidate("again", "less", Cut(neurons=0.5)),
        replace(setup, start=folder, name="again", made={}, place=folder),
        print,
    )
    assert widths_of(load_torch(again).model) == [16, 16]


def test_a_trained_rung_begins_with_the_untrained_one_and_learns(start: Path, tmp_path: Path) -> None:
    from localsearch.compress.optimize.make import make

    setup = _setup(start, tmp_path)
    candidate = Candidate("2 of 4 layers, trained", "half of it", Cut(layers=0.5), trained=True)
    folder = make(candidate, setup, print)
    facts = read_facts(folder)
    assert facts["layers"] == 2 and facts["distillation"]["steps"] == 2
    assert facts["distillation"]["teacher"]["fingerprint"] == read_card(start).fingerprint
    before = read_card(setup.made[candidate.cut, candidate.kind])
    assert facts["distillation"]["begins_with"]["fingerprint"] == before.fingerprint
    text = ["the book of the water"]
    vectors = [Encoder.load(one, threads=1).encode_passages(text)[0] for one in (folder, start)]
    assert float(np.dot(*vectors)) > 0.5


def test_too_little_time_for_training_is_said(start: Path, tmp_path: Path) -> None:
    from localsearch.compress.optimize.make import make

    candidate = Candidate("trained", "half of it", Cut(layers=0.5), trained=True)
    with pytest.raises(EncoderError, match="the time allows 0 of them only"):
        make(candidate, _setup(start, tmp_path, seconds=0.0), print)
    assert make(AS_IT_IS, _setup(start, tmp_path / "float32"), print) == start
