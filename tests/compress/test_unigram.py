"""Encoders as E5 is, with SentencePiece's word pieces and words before each text: cut, taught and distilled too."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from localsearch.compress.distill.vocabulary import cut_tokenizer, frequent_pieces, read_vocabulary
from localsearch.compress.prune.cuts import Cuts
from localsearch.compress.prune.run import prune_encoder
from localsearch.compress.prune.work import Wanted
from localsearch.encoder.card import read_card, read_facts, verify
from localsearch.encoder.onnx import Encoder
from tests.compress.test_distill import one_thread, write_text
from tests.compress.unigram import PASSAGE, QUERY, prefixed_encoder, write_tokenizer

__all__ = ["one_thread"]

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]


@pytest.fixture(scope="module")
def e5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prefixed_encoder(tmp_path_factory.mktemp("e5"))


def cosine(one: Path, other: Path, text: str) -> float:
    vectors = [Encoder.load(folder, threads=1).encode_query(text) for folder in (one, other)]
    return float(vectors[0] @ vectors[1])


def test_a_cut_vocabulary_of_sentencepiece_reads_the_same_words_and_spells_the_others(tmp_path: Path) -> None:
    from localsearch.compress.distill.run import load_tokenizer

    write_tokenizer(tmp_path / "whole")
    vocabulary = read_vocabulary(tmp_path / "whole")
    counts = np.zeros(len(vocabulary), dtype=np.int64)
    counts[vocabulary.numbers["\u2581water"]] = 9
    kept = frequent_pieces(vocabulary, counts, 0)
    kept = frequent_pieces(vocabulary, counts, len(kept) + 1)
    (tmp_path / "cut").mkdir()
    cut_tokenizer(tmp_path / "whole", kept, tmp_path / "cut")
    whole, cut = load_tokenizer(tmp_path / "whole"), load_tokenizer(tmp_path / "cut")
    assert cut.get_vocab_size() == len(kept) < whole.get_vocab_size()
    assert [kept[number] for number in cut.encode("Water").ids] == whole.encode("Water").ids
    assert cut.encode("world").tokens == ["<s>", "\u2581", *"world", "</s>"]
    assert cut.encode("water \u5408").tokens[-2] == whole.encode("water \u5408").tokens[-2] == "\u5408"
    assert cut.encode("\u5408").ids.count(cut.token_to_id("<unk>")) == 1
    assert {cut.id_to_token(number) for number in cut.encode("water<mask>").ids} >= {"\u2581water", "<mask>"}


def test_a_student_reads_what_its_teacher_reads(e5: Path, tmp_path: Path) -> None:
    from localsearch.cli.app import command

    text = write_text(tmp_path / "words.txt")
    words = ["model", "distill", "--teacher", str(e5), "--text", str(text), "--layers", "4", "--neurons", "1"]
    command().main([*words, "--steps", "6", "--out", str(tmp_path / "small"), "--quiet"], standalone_mode=False)
    made = tmp_path / "small"
    verify(made, read_card(made))
    assert (read_card(made).query_prefix, read_card(made).passage_prefix) == (QUERY, PASSAGE)
    curve = read_facts(made)["distillation"]["curve"]
    assert curve[0]["cosine"] > 0.999, "all layers: before the first step the two are one encoder, if they read alike"
    assert cosine(made, e5, "the book of the water") > 0.9


def test_every_text_of_a_batch_stands_behind_what_its_encoder_wants(e5: Path, tmp_path: Path) -> None:
    from localsearch.compress.distill.run import load_tokenizer, prefix_pieces
    from localsearch.compress.distill.stream import Batches, read_stream
    from localsearch.compress.distill.text import read_texts
    from tests.compress.test_distill import CONFIG

    tokenizer = load_tokenizer(e5)
    texts = read_texts(write_text(tmp_path / "words.txt"), lambda text: [], print)
    stream = read_stream({"words": texts}, tokenizer)
    rows = Batches(stream, CONFIG, prefix_pieces(e5, read_card(e5))).step(0)
    fronts = {tuple(tokenizer.id_to_token(number) for number in row[:3]) for some in rows for row in some.tolist()}
    assert fronts == {("<s>", "\u2581query", ":"), ("<s>", "\u2581passage", ":")}
    whole = tokenizer.encode(QUERY + "water").ids
    assert whole[:3] == [tokenizer.token_to_id(piece) for piece in ("<s>", "\u2581query", ":")]


def test_it_is_pruned_in_words_and_neurons_and_taught_again(e5: Path, tmp_path: Path) -> None:
    text = write_text(tmp_path / "words.txt")
    cuts = Cuts(vocabulary=300, neurons=0.25)
    made = prune_encoder(Wanted(e5, tmp_path / "lean", cuts, (text,), recover=6), lambda _: None)
    facts = read_facts(made)
    assert facts["vocabulary"] == 300 == len(json.loads((made / "tokenizer.json").read_text())["model"]["vocab"]) + 1
    assert facts["pruning"]["recovery"]["curve"][0]["cosine"] > 0.8
    assert (read_card(made).query_prefix, read_card(made).passage_prefix) == (QUERY, PASSAGE)
    kept = json.loads((made / "tokenizer.json").read_text())["model"]["vocab"]
    words = [piece.removeprefix("\u2581") for piece, _ in kept if len(piece) > 4]
    assert {"query", "passage"} < set(words), "what stands before each text is not spelled otherwise now"
    words = [word for word in words if word not in ("query", "passage")]
    assert cosine(made, e5, " ".join(words[:12])) > 0.9
