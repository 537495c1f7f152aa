"""Distillation: miniatures that train in seconds. They learn, resume as if nothing had been, and repeat themselves."""

from __future__ import annotations

import json
import math
from dataclasses import astuple, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np
import pytest

from localsearch.compress.distill.config import DistillConfig, even_layers
from localsearch.compress.distill.stream import Batches, Stream, read_stream
from tests.conftest import TINY

if TYPE_CHECKING:
    from transformers import DistilBertModel

    from localsearch.compress.distill.train import Training

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]

CONFIG = DistillConfig(
    name="miniature",
    layers=(0, 3),
    targets=(1, 3),
    steps=60,
    band_tokens=256,
    bands=((6, 12), (13, 24)),
    learning_rate=3e-3,
    warmup=5,
    held_out=0.2,
    check_every=20,
)
VOCABULARY: dict[str, int] = json.loads((TINY / "tokenizer.json").read_text())["model"]["vocab"]
WORDS = [word for word in VOCABULARY if word.isascii() and word.isalpha() and len(word) > 2][:400]


def write_text(path: Path, paragraphs: int = 300, seed: int = 5) -> Path:
    """Sentences of words that the tiny tokenizer knows, each paragraph from a few of them: some are alike."""
    random = np.random.default_rng(seed)
    lines = []
    for _ in range(paragraphs):
        subject = random.choice(WORDS, size=12)
        lines += [" ".join(random.choice(subject, size=10)).capitalize() + "." for _ in range(4)]
        lines.append("")
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Miniatures are faster on one, whatever else the machine does."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    from localsearch.compress.distill.run import load_tokenizer
    from localsearch.compress.distill.text import read_texts

    path = write_text(tmp_path_factory.mktemp("text") / "words.txt")
    return read_stream({"words": read_texts(path, lambda text: [], print)}, load_tokenizer(TINY))


def seeded(
    layers: int = 4, dim: int = 32, seed: int = 3, positions: int = 64, words: int = len(VOCABULARY)
) -> DistilBertModel:
    """A teacher: nobody trained it, but its layers do something each."""
    import torch
    from transformers import DistilBertConfig, DistilBertModel

    torch.manual_seed(seed)
    config = DistilBertConfig(
        vocab_size=words,
        max_position_embeddings=positions,
        n_layers=layers,
        n_heads=4,
        dim=dim,
        hidden_dim=2 * dim,
        attn_implementation="eager",
    )
    model = DistilBertModel(config).eval()
    with torch.no_grad():
        for layer in model.transformer.layer:
            for weights in layer.parameters():
                weights.mul_(3.0 if weights.dim() > 1 else 1.0)
    return model


def training(stream: Stream, folder: Path, config: DistillConfig = CONFIG, **others: Any) -> Training:
    from localsearch.compress.distill.student import begin
    from localsearch.compress.distill.teacher import Teacher
    from localsearch.compress.distill.train import Training
    from localsearch.compress.weights import TorchEncoder

    start = others.get("start") or seeded()
    teacher = others.get("teacher") or Teacher(TorchEncoder(seeded()))
    return Training(begin(start, config.layers), teacher, Batches(stream, config), config, folder)


def weights_of(done: Training) -> dict[str, Any]:
    return {name: value.numpy().copy() for name, value in done.student.state_dict().items()}


def assert_alike(one: Training, other: Training) -> None:
    theirs = weights_of(other)
    for name, value in weights_of(one).items():
        np.testing.assert_array_equal(value, theirs[name], err_msg=name)
    np.testing.assert_equal([astuple(look)[:4] for look in one.looks], [astuple(look)[:4] for look in other.looks])


def test_the_student_learns(stream: Stream, tmp_path: Path) -> None:
    trained = training(stream, tmp_path)
    trained.run()
    first, last = trained.looks[0], trained.looks[-1]
    assert [look.step for look in trained.looks] == [0, 20, 40, 60]
    assert 1.0 - last.cosine < 0.5 * (1.0 - first.cosine)
    assert last.overlap > first.overlap + 0.05
    assert last.loss < trained.looks[1].loss
    words = trained.student.embeddings.word_embeddings.weight
    np.testing.assert_array_equal(words.numpy(), seeded().embeddings.word_embeddings.weight.detach().numpy())


@pytest.mark.parametrize(("end", "kept"), [(KeyboardInterrupt(), 29), (MemoryError(), 20)], ids=["ctrl-c", "crash"])
def test_a_run_that_was_interrupted_ends_like_one_that_was_not(
    stream: Stream, tmp_path: Path, end: BaseException, kept: int
) -> None:
    whole, half = tmp_path / "whole", tmp_path / "half"
    whole.mkdir()
    half.mkdir()
    uninterrupted = training(stream, whole)
    uninterrupted.run()

    def interrupt(now: Training) -> None:
        if now.step == 29:  # nine steps after the checkpoint
            raise end

    with pytest.raises(type(end)):
        training(stream, half).run(interrupt)
    resumed = training(stream, half)
    assert resumed.resume()
    assert resumed.step == kept
    resumed.run()
    assert_alike(resumed, uninterrupted)
    assert not (half / "checkpoint.new").exists()


def test_equal_seeds_give_equal_students_and_others_do_not(stream: Stream, tmp_path: Path) -> None:
    short = replace(CONFIG, steps=10, check_every=5)
    one, same, other = (training(stream, tmp_path, replace(short, seed=seed)) for seed in (7, 7, 8))
    for each in (one, same, other):
        each.run()
    assert_alike(one, same)
    assert not np.array_equal(
        weights_of(one)["transformer.layer.0.ffn.lin1.weight"],
        other.student.transformer.layer[0].ffn.lin1.weight.detach(),
    )


@pytest.mark.parametrize("width", [48, 16])
def test_a_teacher_of_another_width(stream: Stream, tmp_path: Path, width: int) -> None:
    from localsearch.compress.distill.teacher import Teacher
    from localsearch.compress.weights import TorchEncoder

    def fresh() -> Training:
        learning = replace(CONFIG, train_words=True)  # nothing of the student's beginning is the teacher's
        return training(stream, tmp_path, learning, teacher=Teacher(TorchEncoder(seeded(dim=width, seed=9))))

    trained = fresh()
    trained.run()
    first, last = trained.looks[0], trained.looks[-1]
    assert last.cosine > first.cosine + 0.1
    assert last.overlap > first.overlap + 0.05
    again = fresh()
    assert again.resume()
    assert again.agreement() == pytest.approx((last.cosine, last.overlap))


def test_a_teacher_of_another_kind_with_another_vocabulary(stream: Stream, tmp_path: Path) -> None:
    """MPNet with the same words four numbers further on; the student begins as a DistilBERT of its layers."""
    import torch
    from transformers import MPNetConfig, MPNetModel

    from localsearch.compress.distill.teacher import Teacher
    from localsearch.compress.weights import TorchEncoder

    torch.manual_seed(4)
    config = MPNetConfig(
        vocab_size=len(VOCABULARY) + 4,
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=66,
    )
    mpnet = MPNetModel(config, add_pooling_layer=False).eval()
    teacher = Teacher(TorchEncoder(mpnet), torch.arange(len(VOCABULARY)) + 4)
    trained = training(stream, tmp_path, replace(CONFIG, steps=40), teacher=teacher)
    trained.run()
    assert trained.looks[-1].cosine > trained.looks[0].cosine + 0.1

    own = training(stream, tmp_path, replace(CONFIG, layers=(0, 1, 2, 3), targets=(0, 1, 2, 3)), start=mpnet)
    ids = torch.tensor([[2, 50, 60, 70]])
    with torch.no_grad():
        for layer in mpnet.encoder.layer:
            layer.attention.attn.q.weight.zero_()  # without attention the two kinds do the same
        mpnet.encoder.relative_attention_bias.weight.zero_()
        whole = training(stream, tmp_path, replace(CONFIG, layers=(0, 1, 2, 3), targets=(0, 1, 2, 3)), start=mpnet)
        expected = mpnet(ids).last_hidden_state
        np.testing.assert_allclose(whole.student(ids).last_hidden_state, expected, atol=1e-5)
        assert not np.allclose(own.student(ids).last_hidden_state, expected, atol=1e-5)


def test_without_improvement_the_training_ends_early(stream: Stream, tmp_path: Path) -> None:
    still = replace(CONFIG, steps=200, learning_rate=0.0, check_every=2, patience=3)
    trained = training(stream, tmp_path, still)
    trained.run()
    assert trained.step == 6 + 200 // 4  # three looks without improvement, then a quarter of the steps
    resumed = training(stream, tmp_path, still)
    resumed.resume()
    assert resumed.last_step == trained.step


def test_the_rate_rises_falls_and_falls_faster_from_where_it_was(stream: Stream, tmp_path: Path) -> None:
    from localsearch.compress.distill.train import Fall

    trained = training(stream, tmp_path, replace(CONFIG, steps=100, warmup=4, cooldown=0.8))
    shares = [trained.learning_rate_share(step) for step in range(100)]
    assert shares[:4] == [0.25, 0.5, 0.75, 1.0] and set(shares[4:21]) == {1.0}
    assert sorted(shares[20:], reverse=True) == shares[20:] and shares[40] == 0.5 and 0.0 < shares[99] < 0.01
    trained.fall = Fall(40, 0.5, 25)
    assert trained.last_step == 65
    assert trained.learning_rate_share(40) == 0.5 and 0.0 < trained.learning_rate_share(64) < 0.02


def test_the_estimate_changes_nothing(stream: Stream, tmp_path: Path) -> None:
    short = replace(CONFIG, steps=6, check_every=3)
    measured, plain = training(stream, tmp_path, short), training(stream, tmp_path, short)
    assert measured.seconds_a_step() > 0
    measured.run()
    plain.run()
    assert_alike(measured, plain)


def test_held_out_text_is_never_learned_from(stream: Stream) -> None:
    batches = Batches(stream, replace(CONFIG, held_out=0.3))
    learned = {tuple(row[1:6]) for number in range(80) for rows in batches.step(number) for row in rows.tolist()}
    held_out = {tuple(row[1:6]) for number in range(20) for rows in batches.held_out(number) for row in rows.tolist()}
    assert len(held_out) > 100
    assert len(learned & held_out) <= 0.02 * len(held_out)  # the last text learned may read on for a sentence


def test_the_losses() -> None:
    import torch

    from localsearch.compress.distill.losses import hidden_loss, sentence_loss, similarity_loss

    east, north, west = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), torch.tensor([[-1.0, 0.0]])
    assert float(sentence_loss(torch.cat([east, east]), torch.cat([east, north]))) == 0.5
    both = torch.cat([east, north, west])
    assert float(similarity_loss(both, both, 0.1)) == pytest.approx(0.0, abs=1e-6)
    assert float(similarity_loss(torch.cat([east, west, north]), both, 0.1)) > 1.0
    turned = both @ torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    assert float(similarity_loss(turned, both, 0.1)) == pytest.approx(0.0, abs=1e-5)  # only neighbours count
    ours = [torch.ones(1, 2, 2), torch.zeros(1, 2, 2)]
    assert float(hidden_loss(ours, [torch.ones(1, 2, 2), torch.full((1, 2, 2), 7.0)])) == 0.5


def test_axes_keep_the_cosines_of_vectors_that_fit() -> None:
    import torch

    from localsearch.compress.distill.widths import principal_axes, projected, turned_towards

    torch.manual_seed(1)
    flat = torch.nn.functional.normalize(torch.randn(60, 4) @ torch.randn(4, 10), dim=1)  # four of ten dimensions
    axes = principal_axes(flat, 4)
    assert axes.shape == (10, 4)
    rotation, _ = torch.linalg.qr(torch.randn(4, 4))
    ours = projected(flat, axes) @ rotation
    turned = projected(flat, turned_towards(axes, flat, ours))
    np.testing.assert_allclose(turned @ turned.T, flat @ flat.T, atol=1e-5)
    np.testing.assert_allclose(turned, ours, atol=1e-5)
    wider = projected(flat, principal_axes(flat, 12))
    assert wider.shape == (60, 12)
    np.testing.assert_allclose(wider @ wider.T, flat @ flat.T, atol=1e-5)


def test_layers() -> None:
    assert even_layers(6, 3) == (1, 3, 5)
    assert even_layers(12, 6) == (1, 3, 5, 7, 9, 11)
    assert even_layers(6, 4) == (0, 2, 3, 5)
    assert CONFIG.fitted(4, 4) == CONFIG
    assert CONFIG.fitted(6, 12).layers == (2, 5)
    assert CONFIG.fitted(6, 12).targets == (5, 11)
    assert CONFIG.fitted(4, 4, layers=1).layers == (3,)


def test_a_short_run_still_warms_up_and_looks_at_what_it_learns() -> None:
    assert replace(CONFIG, warmup=100, check_every=200).shortened(60) == replace(
        CONFIG, steps=60, warmup=6, check_every=10
    )
    assert CONFIG.shortened(6_000) == replace(CONFIG, steps=6_000)


def test_a_student_that_goes_on_keeps_its_layers_and_what_they_learn() -> None:
    config = replace(CONFIG, layers=(0, 3), targets=(1, 3), neurons=0.5)
    again = config.fitted(2, 4)
    assert again.neurons == 1.0  # it has lost them already
    assert again.layers == (0, 1)
    assert again.targets == (1, 3)


def test_texts_are_no_longer_than_the_encoders_read() -> None:
    assert CONFIG.within(24) == CONFIG
    assert CONFIG.within(20).bands == ((6, 12), (13, 20))
    assert CONFIG.within(10).bands == ((6, 10),)


def test_the_picture_is_a_picture() -> None:
    from localsearch.compress.distill.plot import plot
    from localsearch.compress.distill.train import Look

    looks = [Look(0, math.nan, 0.5, 0.1, 0.0), Look(50, 2.0, 0.75, 0.4, 0.0), Look(100, 1.0, 0.9, 0.6, 0.0)]
    root = ElementTree.fromstring(plot(looks, 100))
    lines = [line.get("points", "").split() for line in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(points) for points in lines] == [2, 3, 3]
    assert [float(points[-1].split(",")[0]) for points in lines] == [624.0] * 3
    assert ElementTree.fromstring(plot(looks[:1], 0)) is not None
