"""The numbers that a card shows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from localsearch.compress.folder import CANONICAL, write_card, write_tokenizer
from localsearch.compress.measure import Encoded, agreement, encode_dataset
from localsearch.encoder.card import read_card, verify
from localsearch.encoder.onnx import DEFAULT, Encoder
from localsearch.errors import PathProblem
from tests.conftest import TINY


def _dataset(folder: Path, judgements: str) -> Path:
    (folder / "qrels").mkdir()
    documents = [("a", "the tide table of the harbour"), ("b", "a notice period"), ("c", "ten bolts")]
    lines = [json.dumps({"_id": name, "title": "", "text": text}) for name, text in documents]
    (folder / "corpus.jsonl").write_text("\n".join(lines))
    (folder / "queries.jsonl").write_text('{"_id": "1", "text": "a notice period"}\n{"_id": "2", "text": "unjudged"}')
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judgements}")
    return folder


@pytest.mark.parametrize(("right", "expected"), [("b", 1.0), ("c", None)])
def test_ranking_quality(tmp_path: Path, right: str, expected: float | None) -> None:
    encoded = encode_dataset(Encoder.load(TINY, threads=1), _dataset(tmp_path, f"1\t{right}\t1\n"))
    assert encoded.documents.shape == (3, 32)
    assert encoded.queries.shape == (1, 32)  # the unjudged query is left out
    assert encoded.ndcg10 == expected if expected is not None else 0.0 < encoded.ndcg10 < 1.0


def test_a_missing_collection_is_named(tmp_path: Path) -> None:
    with pytest.raises(PathProblem, match=r"corpus\.jsonl"):
        encode_dataset(Encoder.load(TINY, threads=1), tmp_path / "nothing")


def test_agreement_is_the_mean_and_the_least_cosine() -> None:
    east, north = np.eye(2, dtype=np.float32)
    ours = {"set": Encoded(np.stack([east, north]), np.stack([east]), ())}
    theirs = {"set": Encoded(np.stack([east, east]), np.stack([(east + north) / np.float32(2**0.5)]), ())}
    found = agreement(ours, theirs)
    assert found.texts == 3
    assert found.mean == pytest.approx((1 + 0 + 0.5**0.5) / 3)
    assert found.least == 0.0


def test_a_card_seals_the_folder(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes((TINY / "model.onnx").read_bytes())
    write_tokenizer(TINY, tmp_path)
    facts = json.loads((TINY / "card.json").read_text())
    write_card(tmp_path, {key: facts[key] for key in facts if key not in ("files", "canonical", "format")})
    verify(tmp_path, read_card(tmp_path))
    card = json.loads((tmp_path / "card.json").read_text())
    assert card["canonical"] == {"text": CANONICAL, "first_values": facts["canonical"]["first_values"]}
    assert set(card["files"]) == {"model.onnx", "tokenizer.json"}


@pytest.mark.parametrize("folder", [TINY, DEFAULT], ids=["tiny", "default"])
def test_the_canonical_sentence_gives_the_values_on_the_card(folder: Path) -> None:
    canonical = json.loads((folder / "card.json").read_text())["canonical"]
    vector = Encoder.load(folder, threads=1).encode_query(canonical["text"])
    np.testing.assert_allclose(vector[:5], canonical["first_values"], atol=2e-2)  # CPUs round differently
