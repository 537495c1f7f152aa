"""A distillation as it is asked for: one command, a folder of documents, an encoder folder that works."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from localsearch.compress.recipes import FAST
from localsearch.encoder.card import read_card, read_facts, verify
from localsearch.encoder.onnx import Encoder
from localsearch.errors import EncoderError, PathProblem
from localsearch.trainings import unfinished
from tests.compress.test_distill import VOCABULARY, one_thread, seeded, write_text
from tests.conftest import TINY

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix

__all__ = ["one_thread"]

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]

Run = Callable[..., str]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder folder of four layers, with its torch weights."""
    from localsearch.compress.build import About, build

    place = tmp_path_factory.mktemp("teacher")
    about = About(name="teacher", licence="MIT", origin="seed 3", notice="none", max_tokens=128, command="pytest")
    build(seeded(positions=128), TINY, about, exact=place / "float32", small=place / "int8")
    return place / "int8"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    write_text(tmp_path / "docs" / "words.md")
    return tmp_path / "docs"


@pytest.fixture
def distill(teacher: Path, documents: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    from localsearch.cli.app import command

    def run(*arguments: str) -> str:
        command().main(
            ["model", "distill", "--teacher", str(teacher), "--text", str(documents), *arguments], standalone_mode=False
        )
        return capsys.readouterr().out

    return run


def neurons_of(folder: Path) -> list[Float32Matrix]:
    """What each layer's feed-forward neurons read: (neurons, D) each."""
    from safetensors.numpy import load_file

    weights = load_file(folder / "weights.safetensors")
    return [rows for name, rows in weights.items() if name.endswith("ffn.lin1.weight")]


def test_the_neurons_that_send_most_are_the_ones_a_student_begins_with() -> None:
    import torch

    from localsearch.compress.distill.student import thin_out

    student, rows = seeded(), np.array([[2, 9, 10, 11, 3]])
    for layer in student.transformer.layer:
        layer.ffn.lin2.weight.data[:, ::2] = 0.0  # nobody reads every second neuron
    before = student(torch.from_numpy(rows)).last_hidden_state.detach()
    thin_out(student, 0.5, [rows])
    assert {layer.ffn.lin1.out_features for layer in student.transformer.layer} == {32}
    torch.testing.assert_close(student(torch.from_numpy(rows)).last_hidden_state.detach(), before)


def test_one_command_makes_an_encoder(distill: Run, teacher: Path, tmp_path: Path) -> None:
    out = tmp_path / "small"
    told = json.loads(distill("--out", str(out), "--layers", "2", "--steps", "3", "--json", "--quiet"))
    verify(out, read_card(out))
    card = json.loads((out / "card.json").read_text())
    assert told["folder"] == str(out)
    assert card["name"] == "small-int8" and card["layers"] == 2 and card["licence"] == "MIT"
    made = card["distillation"]
    assert made["teacher"]["fingerprint"] == read_card(teacher).fingerprint
    assert made["begins_with"]["layers"] == [1, 3]
    assert [source["name"] for source in made["texts"]] == ["docs"] and made["texts"][0]["word_pieces"] > 10_000
    assert {len(rows) for rows in neurons_of(out)} == {round(0.75 * 64)}  # the recipe's share of them
    assert "--neurons 0.75 --steps 3 --seed 7" in card["command"]
    assert made["steps"] == 3 and made["curve"][-1]["step"] == 3
    assert set(made["losses"]) == {"sentence", "similarity", "hidden"}
    assert card["parity"]["int8_to_float32"]["mean_cosine"] > 0.99
    assert str(tmp_path) not in json.dumps(card)  # no folder of this machine goes with it
    curve = (out / "curve.svg").read_text()
    assert curve.startswith("<svg")

    text = "the book of the water"
    likeness = Encoder.load(out, threads=1).encode_query(text) @ Encoder.load(teacher, threads=1).encode_query(text)
    assert likeness > 0.5
    with pytest.raises(PathProblem, match="exists already"):
        distill("--out", str(out), "--quiet")


def test_a_student_with_fewer_words(distill: Run, tmp_path: Path) -> None:
    out = tmp_path / "tiny"
    distill("--out", str(out), "--recipe", "tiny", "--layers", "1", "--steps", "2", "--quiet")
    assert read_facts(out)["vocabulary"] == len(VOCABULARY)  # there are fewer than the recipe would keep
    assert Encoder.load(out, threads=1).encode_query("book").shape == (32,)


def test_a_student_with_all_neurons_says_so(distill: Run, tmp_path: Path) -> None:
    out = tmp_path / "whole"
    distill("--out", str(out), "--layers", "1", "--neurons", "1", "--steps", "2", "--quiet")
    assert {len(rows) for rows in neurons_of(out)} == {64}
    assert "--neurons 1 " in json.loads((out / "card.json").read_text())["command"]  # not the recipe's share


def test_the_estimate_leaves_no_encoder(distill: Run, tmp_path: Path) -> None:
    told = json.loads(distill("--out", str(tmp_path / "a"), "--layers", "1", "--estimate", "--json", "--quiet"))
    assert told["steps"] == FAST.steps and told["seconds"] == pytest.approx(FAST.steps * told["seconds_a_step"])
    assert not (tmp_path / "a").exists() and unfinished() == []


def test_what_cannot_be_is_refused(distill: Run, tmp_path: Path, documents: Path) -> None:
    with pytest.raises(EncoderError, match="1 to 4 layers"):
        distill("--out", str(tmp_path / "a"), "--layers", "5", "--quiet")
    with pytest.raises(EncoderError, match="nothing-there"):
        distill("--out", str(tmp_path / "a"), "--start", "./nothing-there", "--quiet")
    with pytest.raises(EncoderError, match="--neurons is a share"):
        distill("--out", str(tmp_path / "a"), "--neurons", "1.5", "--quiet")
    write_text(documents / "words.md", paragraphs=5)
    with pytest.raises(PathProblem, match="nothing can be learned"):
        distill("--out", str(tmp_path / "b"), "--layers", "1", "--quiet")


def test_recipes_say_what_they_are_for() -> None:
    from localsearch.cli.model.distill import Recipe
    from localsearch.compress.recipes import RECIPES

    assert list(RECIPES) == list(Recipe)
    for recipe in RECIPES.values():
        assert len(recipe.layers) == len(recipe.targets)
