"""A folder is an encoder only when its card says everything and every file is what the card says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from localsearch.encoder.card import Card, Pooling, read_card, verify
from localsearch.encoder.onnx import DEFAULT, Encoder
from localsearch.errors import EncoderError
from tests.conftest import TINY
from tests.encoder.conftest import Variant


def test_card_of_the_tiny_encoder() -> None:
    card = read_card(TINY)
    assert (card.name, card.dim, card.max_tokens) == ("tiny-int8", 32, 256)
    assert card.pooling is Pooling.MEAN
    assert {file.name for file in card.files} == {"model.onnx", "tokenizer.json", "NOTICE"}


@pytest.mark.parametrize("folder", [TINY, DEFAULT], ids=["tiny", "default"])
def test_shipped_files_are_what_their_cards_say(folder: Path) -> None:
    verify(folder, read_card(folder))


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ({"format": 2}, "format is 2, not 1"),
        ({"dim": 0}, "dim is not a number from 1"),
        ({"dim": True}, "dim is not a number from 1"),
        ({"max_tokens": "256"}, "max_tokens is not a number"),
        ({"pooling": "max"}, "'max' is not a valid Pooling"),
        ({"normalised": None}, "normalised is missing or not a bool"),
        ({"query_prefix": 1}, "query_prefix is missing or not a str"),
        ({"projection": "dense.npy"}, "does not list dense.npy"),
        ({"files": {}}, "does not list model.onnx"),
        ({"files": {"../model.onnx": {}}}, "'../model.onnx' is not a file name"),
        ({"files": {"model.onnx": "x"}}, "entry of model.onnx is not an object"),
        ({"files": {"model.onnx": {"sha256": "ABC", "bytes": 1}}}, "sha256 of model.onnx is not 64"),
    ],
)
def test_a_card_that_does_not_say_what_it_must(variant: Variant, entries: dict[str, Any], complaint: str) -> None:
    folder = variant(**entries)
    with pytest.raises(EncoderError, match=complaint) as caught:
        read_card(folder)
    assert str(folder) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'"' + b"x" * (1 << 20) + b'"'],
    ids=["empty", "cut", "array", "binary", "deep", "huge"],
)
def test_a_card_that_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "card.json").write_bytes(content)
    with pytest.raises(EncoderError, match="cannot be used"):
        read_card(tmp_path)


def test_a_folder_without_card(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"No encoder at .*: card.json: No such file"):
        Encoder.load(tmp_path)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "NOTICE"])
@pytest.mark.parametrize("damage", ["flipped", "short", "long", "gone"])
def test_a_damaged_file_is_refused(variant: Variant, name: str, damage: str) -> None:
    folder = variant()
    content = (folder / name).read_bytes()
    middle = len(content) // 2
    damaged = {
        "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "short": content[:-1],
        "long": content + b"\0",
        "gone": None,
    }[damage]
    if damaged is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(damaged)
    with pytest.raises(EncoderError, match=f"{name} (is damaged|cannot be read)"):
        verify(folder, read_card(folder))


def test_loading_verifies_first(variant: Variant) -> None:
    folder = variant()
    with (folder / "model.onnx").open("r+b") as file:
        file.write(b"\0")
    with pytest.raises(EncoderError, match="is damaged: it differs from its card"):
        Encoder.load(folder)


@pytest.mark.parametrize("name", ["model.onnx.data", "pytorch_model.bin", "evil.pkl", "config.py"])
def test_a_file_that_the_card_does_not_list_is_refused(variant: Variant, name: str) -> None:
    folder = variant()
    (folder / name).write_bytes(b"x")
    with pytest.raises(EncoderError, match=f"holds '{name}', which its card does not list"):
        Encoder.load(folder)


def _fingerprint(folder: Path) -> str:
    fingerprint = read_card(folder).fingerprint
    shutil.rmtree(folder)
    return fingerprint


def test_fingerprint_changes_with_all_that_shapes_vectors(variant: Variant) -> None:
    tokenizer = json.loads((TINY / "tokenizer.json").read_text())
    fingerprints = [
        _fingerprint(variant()),
        _fingerprint(variant(query_prefix="query: ")),
        _fingerprint(variant(passage_prefix="query: ")),
        _fingerprint(variant(max_tokens=128)),
        _fingerprint(variant(pooling="cls")),
        _fingerprint(variant(normalised=False)),
        _fingerprint(variant(dim=16)),
        _fingerprint(variant({"model.onnx": b"other"})),
        _fingerprint(variant({"tokenizer.json": json.dumps(tokenizer).encode()})),
    ]
    assert len(set(fingerprints)) == len(fingerprints)


def test_fingerprint_leaves_out_what_does_not(variant: Variant) -> None:
    same: Card = read_card(TINY)
    assert _fingerprint(variant({"NOTICE": b"other"}, name="other", licence="MIT")) == same.fingerprint
    assert len(same.fingerprint) == 32
