"""A pruning as it is asked for: one command, the user's text, an encoder folder that works."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from localsearch.compress.prune.cuts import Cuts, Masking, Method
from localsearch.compress.prune.run import prune_encoder
from localsearch.compress.prune.work import Wanted
from localsearch.encoder.card import MODEL, TOKENIZER, read_card, read_facts, verify
from localsearch.encoder.onnx import Encoder
from localsearch.errors import EncoderError, IndexNotFound, PathProblem
from localsearch.trainings import training_folder, unfinished
from tests.compress.origins import WORDS
from tests.compress.test_distill import one_thread, seeded, write_text
from tests.compress.test_prune_masks import matrices
from tests.compress.test_prune_structured import mpnet
from tests.compress.test_weights import folder_of
from tests.conftest import TINY

if TYPE_CHECKING:
    from localsearch.compress.weights import TorchEncoder

__all__ = ["one_thread"]

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]

Run = Callable[..., str]
TEXTS = ["the book of the water", "a small part of the world", "john and the king of the north"]


def _silent(_: object) -> None:
    return None


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder folder of four layers, with its torch weights."""
    from localsearch.compress.build import About, build

    place = tmp_path_factory.mktemp("parent")
    about = About(name="parent", licence="MIT", origin="seed 3", notice="theirs", max_tokens=128, command="pytest")
    build(seeded(positions=128), TINY, about, exact=place / "float32", small=place / "int8")
    return place / "int8"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    write_text(tmp_path / "docs" / "words.md")
    return tmp_path / "docs"


@pytest.fixture
def prune(parent: Path, documents: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    from localsearch.cli.app import command

    def run(*arguments: str) -> str:
        words = ["model", "prune", str(parent), "--text", str(documents), *arguments]
        command().main(words, standalone_mode=False)
        told = capsys.readouterr()
        return told.out + told.err

    return run


def loaded(folder: Path) -> TorchEncoder:
    from localsearch.compress.weights import load_torch

    return load_torch(folder)


def zeros_of(folder: Path) -> float:
    found = matrices(loaded(folder)).values()
    return sum(int((one == 0).sum()) for one in found) / sum(one.numel() for one in found)


def likeness(one: Path, other: Path) -> float:
    vectors = [Encoder.load(folder, threads=1).encode_passages(TEXTS) for folder in (one, other)]
    return float((vectors[0] * vectors[1]).sum(axis=1).min())


def test_one_command_makes_an_encoder(prune: Run, parent: Path, tmp_path: Path) -> None:
    out = tmp_path / "sparse"
    card = json.loads(prune("--sparsity", "0.25", "--ffn", "0.25", "--heads", "1", "--out", str(out), "--json", "-q"))
    verify(out, read_card(out))
    made = card["pruning"]
    assert (card["name"], card["licence"], card["layers"], card["heads"]) == ("sparse-int8", "MIT", 4, 3)
    assert card["parent"]["fingerprint"] == read_card(parent).fingerprint
    assert made["neurons"] == [48] * 4 and made["zeros_in_matrices"] == pytest.approx(0.25, abs=0.01)
    assert made["zeros"] == {"method": "wanda", "pattern": "unstructured", "share": 0.25, "rounds": 1}
    assert made["zeros_in_model"] > 0 and 0 < made["zipped_bytes"] < (out / MODEL).stat().st_size
    assert made["calibration"]["texts"] > 10 and list(made["calibration"]["drawn_from"]) == ["docs"]
    assert card["parity"]["int8_to_float32"]["mean_cosine"] > 0.99
    assert set(card["quality"]["dense ndcg@10"]["your text"]) == {"unpruned", "pruned"}
    assert "--sparsity 0.25" in card["command"] and "theirs" in (out / "NOTICE").read_text()
    assert str(tmp_path) not in json.dumps(card)  # no folder of this machine goes with it
    assert unfinished() == []
    assert zeros_of(out) == pytest.approx(0.25, abs=0.01) and likeness(out, parent) > 0.5
    with pytest.raises(PathProblem, match="exists already"):
        prune("--ffn", "0.5", "--out", str(out), "-q")


def test_the_folder_computes_what_torch_does(prune: Run, tmp_path: Path) -> None:
    import torch

    from localsearch.compress.prune.calibrate import read_rows, vectors

    out = tmp_path / "lean"
    prune("--drop-layers", "2", "--ffn", "0.5", "--heads", "0.5", "--out", str(out), "-q")
    encoder = loaded(out)
    expected = vectors(encoder, read_rows(TEXTS, out, 128)).numpy()
    np.testing.assert_allclose(Encoder.load(out, threads=1).encode_passages(TEXTS), expected, atol=0.05)  # eight bits
    assert len(list(encoder.model.transformer.layer)) == 2 == read_facts(out)["layers"]
    assert torch.tensor(read_facts(out)["pruning"]["layers_left"]).diff().min() > 0
    again = tmp_path / "again"
    prune_encoder(Wanted(out, again, Cuts(neurons=0.5), (tmp_path / "docs",)), _silent)
    assert read_facts(again)["pruning"]["neurons"] == [16, 16], "what was pruned can be pruned again"


def test_zeros_are_said_to_bring_no_speed(prune: Run, tmp_path: Path) -> None:
    told = prune("--pattern", "2:4", "--method", "magnitude", "--out", str(tmp_path / "a"))
    assert "zeros save bytes only where the model is compressed, and no time" in told
    assert "50% of them zero" not in told, "embeddings are not pruned"
    assert "no time" not in prune("--ffn", "0.5", "--out", str(tmp_path / "b"))


def test_unused_words_are_not_missed(prune: Run, parent: Path, documents: Path, tmp_path: Path) -> None:
    from localsearch.compress.distill.run import load_tokenizer

    used = {piece for line in (documents / "words.md").read_text().split("\n") for piece in ids(parent, line)}
    out = tmp_path / "words"
    prune("--vocabulary", "1500", "--out", str(out), "-q")
    tokenizer = load_tokenizer(out)
    assert tokenizer.get_vocab_size() == 1500 == read_facts(out)["vocabulary"] < WORDS
    assert {load_tokenizer(parent).id_to_token(piece) for piece in used} <= set(tokenizer.get_vocab())
    lines = (documents / "words.md").read_text().splitlines()[:20]
    from localsearch.compress.prune.calibrate import read_rows, vectors

    before, after = (vectors(loaded(folder), read_rows(lines, folder, 128)).numpy() for folder in (parent, out))
    np.testing.assert_allclose(after, before, atol=1e-6)


def ids(folder: Path, text: str) -> list[int]:
    from localsearch.compress.distill.run import load_tokenizer

    return load_tokenizer(folder).encode(text).ids


def test_rare_words_that_stand_out_are_kept(parent: Path) -> None:
    import torch

    from localsearch.compress.prune.words import choose_pieces, count_pieces

    model = loaded(parent).model
    number = ids(parent, "water")[1]
    texts = ["the book of john", "the book of the world"] * 3 + ["water"]
    fewest = len(choose_pieces(model, parent, count_pieces(parent, texts), 0))
    assert number not in choose_pieces(model, parent, count_pieces(parent, texts), fewest + 2)
    with torch.no_grad():
        model.embeddings.word_embeddings.weight[number] *= 50.0
    assert number in choose_pieces(model, parent, count_pieces(parent, texts), fewest + 2)


def test_places_that_no_text_gives_go_first(parent: Path, tmp_path: Path) -> None:
    from localsearch.compress.prune.words import choose_pieces, count_pieces

    vocabulary = json.loads((parent / TOKENIZER).read_text())
    words = vocabulary["model"]["vocab"]
    number = words.pop("the")
    (tmp_path / TOKENIZER).write_text(json.dumps(vocabulary).replace('"of"', '"[unused3]"'))
    kept = choose_pieces(loaded(parent).model, tmp_path, count_pieces(tmp_path, ["book"]), len(words) - 1)
    assert set(words.values()) - set(kept) == {words["of"]} and number not in kept


def wanted(parent: Path, out: Path, text: Path, **others: Any) -> Wanted:
    cuts = Cuts(neurons=0.5, masking=Masking(0.5, Method.MAGNITUDE), rounds=3)
    return Wanted(parent, out, cuts, (text,), **others)


def test_recovery_comes_nearer_and_holds_zeros(parent: Path, documents: Path, tmp_path: Path) -> None:
    looks = []
    made = prune_encoder(
        wanted(parent, tmp_path / "taught", documents, recover=40), _silent, lambda run: looks.append(run.looks[-1])
    )
    assert zeros_of(made) == pytest.approx(0.5, abs=0.01)
    recovery = read_facts(made)["pruning"]["recovery"]
    assert recovery["steps"] == 40 and recovery["curve"][-1]["step"] == 40
    plain = Cuts(neurons=0.5, masking=Masking(0.5, Method.MAGNITUDE))
    untaught = prune_encoder(Wanted(parent, tmp_path / "untaught", plain, (documents,)), _silent)
    assert likeness(made, parent) > likeness(untaught, parent) + 0.01
    assert looks[-1].step == 40 and unfinished() == []


def test_an_interrupted_recovery_goes_on_as_if_nothing_had_been(parent: Path, documents: Path, tmp_path: Path) -> None:
    import torch

    def stop(run: Any) -> None:
        if run.step == 9:  # rounds begin at 0, 4 and 8
            raise KeyboardInterrupt

    whole = prune_encoder(wanted(parent, tmp_path / "whole", documents, recover=24), _silent)
    asked = wanted(parent, tmp_path / "halted", documents, recover=24)
    with pytest.raises(KeyboardInterrupt):
        prune_encoder(asked, _silent, stop)
    assert training_folder(asked.out).exists() and not asked.out.exists()
    with pytest.raises(EncoderError, match="other options"):
        prune_encoder(wanted(parent, tmp_path / "halted", documents, recover=25), _silent)
    steps: list[int] = []
    halted = prune_encoder(asked, _silent, lambda run: steps.append(run.step))
    assert steps[0] == 10, "Ctrl-C loses no step"
    ours, theirs = (loaded(folder).model.state_dict() for folder in (halted, whole))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_student_with_fewer_words_and_layers_is_taught_in_its_own_pieces(
    parent: Path, documents: Path, tmp_path: Path
) -> None:
    first: list[Any] = []
    cuts = Cuts(vocabulary=1_500, layers=1)
    asked = Wanted(parent, tmp_path / "a", cuts, (documents,), recover=2)
    made = prune_encoder(asked, _silent, lambda run: first.append(run.looks[0]))
    assert first[0].cosine > 0.9, "before the first step: the teacher must read the same words"
    left = read_facts(made)["pruning"]["layers_left"]
    assert left == sorted(left) and len(left) == 3


def test_an_index_calibrates(parent: Path, documents: Path, tmp_path: Path) -> None:
    from localsearch import Index

    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(documents)
    made = prune_encoder(Wanted(parent, tmp_path / "a", Cuts(neurons=0.5), index=tmp_path / "index"), _silent)
    calibration = read_facts(made)["pruning"]["calibration"]
    assert list(calibration["drawn_from"]) == ["your index"] and calibration["texts"] > 10


def test_too_large_a_loss_installs_nothing(prune: Run, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="nDCG@10 on your text falls"):
        prune("--ffn", "0.9", "--max-loss", "-1", "--out", str(tmp_path / "a"), "-q")
    assert not list(tmp_path.glob("*a*"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "nothing to take away"),
        (("--sparsity", "1.5"), "--sparsity is a share above 0 and below 1, not 1.5"),
        (("--sparsity", "0"), "--sparsity"),
        (("--heads", "4"), "at least one must be left"),
        (("--drop-layers", "4"), "at least one must be left"),
    ],
)
def test_what_cannot_be_is_refused(prune: Run, tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    with pytest.raises(EncoderError, match=message):
        prune(*options, "--out", str(tmp_path / "a"), "-q")
    assert not list(tmp_path.glob("*a*"))


def test_no_text_is_refused(parent: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for texts in ((), (tmp_path / "empty",)):
        with pytest.raises(PathProblem, match="no text to calibrate on"):
            prune_encoder(Wanted(parent, tmp_path / "a", Cuts(neurons=0.5), texts), _silent)
    with pytest.raises(IndexNotFound, match="No index") as raised:
        prune_encoder(Wanted(parent, tmp_path / "a", Cuts(neurons=0.5), index=tmp_path / "none"), _silent)
    assert "--text FOLDER" in raised.value.hint
    (tmp_path / "few.txt").write_text("The book of the water.")
    with pytest.raises(PathProblem, match="nothing can be learned"):
        prune_encoder(Wanted(parent, tmp_path / "a", Cuts(neurons=0.5), (tmp_path / "few.txt",), recover=5), _silent)


def test_mpnet_is_not_trained_again(documents: Path, tmp_path: Path) -> None:
    (tmp_path / "mpnet").mkdir()
    asked = Wanted(folder_of(mpnet(), tmp_path / "mpnet"), tmp_path / "a", Cuts(neurons=0.5), (documents,), recover=5)
    with pytest.raises(EncoderError, match="cannot be trained again: it is an MPNet"):
        prune_encoder(asked, _silent)


def test_the_command_line_knows_every_method_and_pattern() -> None:
    from localsearch.cli.model.prune import MethodName, PatternName
    from localsearch.compress.prune.cuts import Pattern

    assert [one.value for one in MethodName] == [one.value for one in Method]
    assert [one.value for one in PatternName] == [one.value for one in Pattern]


def test_the_tokenizer_of_the_parent_stays(prune: Run, parent: Path, tmp_path: Path) -> None:
    prune("--ffn", "0.5", "--out", str(tmp_path / "a"), "-q")
    assert (tmp_path / "a" / TOKENIZER).read_bytes() == (parent / TOKENIZER).read_bytes()
