"""The training learns, stops at any step, and goes on with the very same weights."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from localsearch.compress.multilingual.corpus import write_rows
from localsearch.compress.multilingual.recipe import Recipe, TeacherPart

if TYPE_CHECKING:
    from localsearch.compress.multilingual.train import Look, Training
    from localsearch.compress.multilingual.workplace import Workplace

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]

WORDS = (
    "contract", "lease", "bolt", "invoice", "notice", "court", "pension", "salary", "Vertrag", "Miete", "Bolzen",
    "Rechnung", "Kündigung", "Gericht",
)  # fmt: skip
TEACHERS = (
    TeacherPart("one", 24, "", 1.0, centred=False),
    TeacherPart("two", 48, "query: ", 1.0, centred=True),
)
RECIPE = Recipe(
    teachers=TEACHERS, layers=(0, 1), word_pieces=40, longest=16, bands=(4, 6), step_pieces=60, micro_pieces=40,
    held_out=12, learning_rate=2e-3, words_rate=2e-3, warmup=2,
)  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Products this small only wait for each other in several threads."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small BERT with a Unigram vocabulary, as the language teacher is one."""
    import torch
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("model")
    letters = sorted({letter for word in WORDS for letter in word})
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *letters, *(f"▁{word}" for word in WORDS), "▁never"]
    tokenizer = Tokenizer(
        models.Unigram([(piece, -float(number % 7)) for number, piece in enumerate(pieces)], unk_id=3)
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    tokenizer.add_special_tokens([AddedToken(piece, special=True) for piece in pieces[:4]])
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=48,
        max_position_embeddings=16, pad_token_id=1,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture
def place(tmp_path: Path, model: Path) -> Workplace:
    """Rows, pieces and the teachers' vectors."""
    from localsearch.compress.multilingual.workplace import Workplace

    place = Workplace(tmp_path / "work", RECIPE)
    place.folder.mkdir()
    drawn = np.random.default_rng(2)
    said = [drawn.choice(6, size=1 + number % 9) for number in range(80)]
    rows = [{"en": " ".join(WORDS[at] for at in row), "de": " ".join(WORDS[8 + at] for at in row)} for row in said]
    write_rows(place.rows, rows)
    place.choose_pieces(model, [], _silent)
    (place.folder / "vectors").mkdir()
    for part in TEACHERS:
        of_words = drawn.standard_normal((6, part.dim))
        vectors = np.stack([of_words[row].sum(axis=0) for row in said])
        (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16).tofile(place.vectors(part.name))
    return place


def _silent(_: object) -> None:
    return None


def _train(place: Workplace, model: Path, steps: int) -> Training:
    """`steps` more, then told to stop."""
    training = place.training(model, _silent)
    last = training.step + steps - 1

    def tell(look: Look) -> None:
        if look.step == last:
            os.kill(os.getpid(), signal.SIGTERM)

    training.run(1, tell)
    return training


def test_it_learns(place: Workplace, model: Path) -> None:
    looks: list[Look] = []
    training = place.training(model, _silent)
    training.fall = (30, 30)
    training.run(20, looks.append)
    assert [look.step for look in looks] == [0, 20, 40, 60]
    assert looks[-1].loss < 0.7 * looks[1].loss
    assert [json.loads(line)["step"] for line in (place.folder / "log.jsonl").read_text().splitlines()] == [
        0,
        20,
        40,
        60,
    ]
    assert training.is_done and training.learning_rate_share(60) == 0.0


def test_a_run_in_two_parts_ends_with_the_same_weights(place: Workplace, model: Path, tmp_path: Path) -> None:
    from localsearch.compress.multilingual.workplace import Workplace

    other = Workplace(tmp_path / "other", RECIPE)
    shutil.copytree(place.folder, other.folder)
    whole = _train(place, model, 8)
    _train(other, model, 3)
    parts = _train(other, model, 5)
    assert whole.step == parts.step == 8
    for (name, ours), theirs in zip(
        whole.student.state_dict().items(), parts.student.state_dict().values(), strict=True
    ):
        assert ours.equal(theirs), name


def test_sigterm_ends_it_after_the_step_with_a_checkpoint(place: Workplace, model: Path) -> None:
    from localsearch.compress.multilingual.train import load_checkpoint

    training = _train(place, model, 5)
    kept = load_checkpoint(place.folder)
    assert kept is not None and kept["step"] == training.step == 5


def test_more_rows_are_read_when_the_teachers_have_read_more(place: Workplace, model: Path) -> None:
    for part in TEACHERS:
        path = place.vectors(part.name)
        path.write_bytes(path.read_bytes()[: 2 * part.dim * 40])
    assert place.taught == 40 and int(place.texts(_silent).rows[-1]) == 39
    with place.vectors("one").open("ab") as file:
        file.write(bytes(2 * 24 * 8))
    assert place.taught == 40, "the slowest teacher counts"


def test_axes_are_found_anew_without_losing_the_student(place: Workplace, model: Path) -> None:
    from localsearch.compress.multilingual.train import load_checkpoint

    before = _train(place, model, 3)
    place.fit_again(model, _silent)
    after = load_checkpoint(place.folder)
    assert after is not None and after["step"] == 3
    assert not after["space"].axes.equal(before.space.axes)
    for name, weights in before.student.state_dict().items():
        assert weights.equal(after["student"][name]), name


def test_settling_happens_in_a_folder_of_its_own(place: Workplace, model: Path, tmp_path: Path) -> None:
    _train(place, model, 3)
    before = (place.folder / "checkpoint.pt").read_bytes()
    branch = place.branch(tmp_path / "settled")
    training = branch.training(model, _silent)
    training.fall = (training.step, 4)
    training.run(100, _silent)
    assert training.step == 7 and (place.folder / "checkpoint.pt").read_bytes() == before


def test_the_student_is_published_as_an_encoder(place: Workplace, model: Path, tmp_path: Path) -> None:
    from localsearch.compress.multilingual.publish import publish
    from localsearch.compress.multilingual.train import vectors_of
    from localsearch.encoder.card import read_facts
    from localsearch.encoder.onnx import Encoder

    training = _train(place, model, 3)
    out = publish(place, model, tmp_path / "out")
    facts = read_facts(out)
    assert (facts["dim"], facts["layers"], facts["training"]["steps"]) == (32, 2, 3)
    texts = place.texts(_silent)
    own = vectors_of(training.student, texts, np.arange(4), 40).detach().numpy()
    written = [json.loads(line) for line in place.rows.read_text().splitlines()[:2]]
    said = [text for row in written for text in row.values()]
    assert np.min((Encoder.load(out, threads=1).encode_passages(said) * own).sum(axis=1)) > 0.98


def test_translations_found_counts_both_ways() -> None:
    import torch

    from localsearch.compress.multilingual.train import translations_found

    english = torch.eye(4)
    assert translations_found(english, english) == 1.0
    assert translations_found(english, english[[0, 0, 2, 3]]) == pytest.approx((3 + 3) / 8)


def test_vectors_go_on_where_they_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from localsearch.compress.multilingual import vectors
    from localsearch.compress.multilingual.vectors import TextEncoder, read_vectors, write_vectors

    class Lengths(TextEncoder):
        """A text's vector is its length."""

        @property
        def dim(self) -> int:
            return 2

        def encode(self, texts: list[str]) -> np.ndarray:
            return np.array([[len(text), 1] for text in texts], dtype=np.float16)

    monkeypatch.setattr(vectors, "BLOCK", 4)
    texts = ["x" * number for number in range(11)]
    encoder = Lengths(None, None, "", 8)
    path = tmp_path / "v.f16"
    write_vectors(path, texts[:6], encoder, _silent)
    path.write_bytes(path.read_bytes()[:-3])
    write_vectors(path, texts, encoder, _silent)
    assert read_vectors(path, 2)[:, 0].tolist() == list(range(11))


def test_recipes_of_languages_share_a_step(place: Workplace) -> None:
    from localsearch.compress.multilingual.texts import Draws

    texts = place.texts(_silent)
    draws = Draws(texts, replace(RECIPE, step_pieces=6_000))
    numbers = draws.step(0)
    assert (numbers == draws.step(0)).all() and not (
        len(numbers) == len(draws.step(1)) and (numbers == draws.step(1)).all()
    )
    assert (texts.rows[numbers] >= RECIPE.held_out).all()
    english = (texts.languages[numbers] == texts.names.index("en")).mean()
    assert abs(english - RECIPE.english) < 0.06
