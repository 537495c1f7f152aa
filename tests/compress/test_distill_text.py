"""Text and word pieces for a distillation; nothing here needs torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from localsearch.compress.distill.stream import Stream, read_stream
from localsearch.compress.distill.text import read_texts
from localsearch.compress.distill.vocabulary import (
    Vocabulary,
    counterparts,
    cut_tokenizer,
    frequent_pieces,
    read_vocabulary,
)
from localsearch.errors import EncoderError, PathProblem
from tests.conftest import TINY

TOKENIZER = Tokenizer.from_file(str(TINY / "tokenizer.json"))


def _offsets(text: str) -> list[tuple[int, int]]:
    offsets: list[tuple[int, int]] = TOKENIZER.encode(text, add_special_tokens=False).offsets
    return offsets


def _read(path: Path) -> tuple[list[str], list[str]]:
    said: list[str] = []
    return list(read_texts(path, _offsets, said.append)), said


def test_a_folder_gives_the_passages_of_an_index(tmp_path: Path) -> None:
    (tmp_path / "lease.md").write_text("# Lease\n\n## Notice\n\nThe tenant tells the landlord three months before.\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    (tmp_path / "empty.txt").write_text("")
    texts, said = _read(tmp_path)
    assert len(texts) == 1
    assert "The tenant tells" in texts[0] and "Lease" in texts[0]
    assert sorted(line.split(": ")[0].rsplit("/", 1)[1] for line in said) == ["empty.txt", "picture.png"]


def test_paragraphs_and_lines(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n\n\nthree")
    (tmp_path / "b.jsonl").write_text('{"text": "one"}\n{"text": "two", "id": 3}\n')
    assert _read(tmp_path / "a.txt")[0] == ["one\ntwo\n", "three"]
    assert _read(tmp_path / "b.jsonl")[0] == ["one", "two"]


@pytest.mark.parametrize("line", ["[]", '{"texts": 1}', "no", "[" * 100_000])
def test_a_line_that_is_no_text_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "b.jsonl").write_text(f'{{"text": "one"}}\n{line}\n')
    with pytest.raises(PathProblem, match=r"b\.jsonl:2"):
        _read(tmp_path / "b.jsonl")


@pytest.mark.parametrize("name", ["absent.txt", "absent.jsonl", "absent"])
def test_a_missing_text_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(PathProblem, match="absent"):
        _read(tmp_path / name)


def test_a_stream_knows_where_sentences_begin(tmp_path: Path) -> None:
    texts = {"one": ["The rent is due. It is high.", "A bolt."], "none": [], "two": ["Ten bolts."]}
    stream = read_stream(texts, TOKENIZER)
    assert [(source.name, source.texts, source.last - source.first) for source in stream.sources] == [
        ("one", 2, 3),
        ("two", 1, 1),
    ]
    row = stream.crop(stream.starts[1:2], 6)[0]
    assert TOKENIZER.decode(row.tolist(), skip_special_tokens=False).startswith("[CLS] it is high")
    assert row[-1] == stream.after
    past = stream.crop(stream.starts[-1:], 20)[0]  # the last text read beyond the end repeats its last piece
    assert len(past) == 20
    stream.save(tmp_path / "stream.npz")
    again = Stream.load(tmp_path / "stream.npz")
    assert again.sources == stream.sources
    np.testing.assert_array_equal(again.ids, stream.ids)
    assert sum(map(stream.pieces, stream.sources)) == len(stream.ids)


def test_no_text_gives_an_empty_stream() -> None:
    assert len(read_stream({"none": []}, TOKENIZER).ids) == 0


def test_a_teacher_with_other_numbers_for_the_same_pieces() -> None:
    ours = Vocabulary({"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "the": 4, "##s": 5}, frozenset({0, 1, 2, 3}), 1)
    pieces = ["<s>", "<pad>", "</s>", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "##s"]
    theirs = Vocabulary({piece: number for number, piece in enumerate(pieces)}, frozenset({0, 1, 2}), 4)
    assert counterparts(ours, theirs).tolist() == [1, 4, 0, 2, 7, 8]


def test_a_teacher_with_other_pieces_is_refused() -> None:
    ours = read_vocabulary(TINY)
    theirs = Vocabulary({"[UNK]": 0, "der": 1}, frozenset({0}), 0)
    with pytest.raises(EncoderError, match="word pieces"):
        counterparts(ours, theirs)


def test_another_kind_of_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"type": "BPE", "vocab": {}}, "added_tokens": []}))
    with pytest.raises(EncoderError, match="BPE"):
        read_vocabulary(tmp_path)


def test_a_cut_vocabulary_still_spells_everything(tmp_path: Path) -> None:
    vocabulary = read_vocabulary(TINY)
    counts = np.zeros(len(vocabulary), dtype=np.int64)
    counts[vocabulary.numbers["book"]] = 9
    kept = frequent_pieces(vocabulary, counts, 1)  # far fewer than single characters
    assert vocabulary.numbers["book"] not in kept
    spelling = len(kept)
    kept = frequent_pieces(vocabulary, counts, spelling + 1)
    assert vocabulary.numbers["book"] in kept and len(kept) == spelling + 1

    cut_tokenizer(TINY, kept, tmp_path)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert tokenizer.get_vocab_size() == len(kept)
    assert tokenizer.encode("book").tokens == ["[CLS]", "book", "[SEP]"]
    assert "".join(tokenizer.encode("water").tokens[1:-1]).replace("##", "") == "water"
    old, new = TOKENIZER.encode("the book 合同").ids, tokenizer.encode("book").ids
    assert [kept[number] for number in new] == [old[0], vocabulary.numbers["book"], old[-1]]
