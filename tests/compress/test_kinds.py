"""An installed encoder stored in other ways: what stays the same, what gets smaller, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from localsearch.compress.importing import Wishes, import_folder
from localsearch.compress.kinds import Kind
from localsearch.compress.requantize import Wanted, quantize_encoder
from localsearch.encoder import vnni
from localsearch.encoder.card import MODEL, read_card, read_facts, verify
from localsearch.encoder.onnx import Encoder
from localsearch.encoder.shelf import installed
from localsearch.errors import EncoderError
from localsearch.evaluate import Dataset
from localsearch.records import Block, BlockKind, Document
from tests.compress.origins import sentence

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]

TEXTS = [f"the office number {number} opens at {number} and the crane lifts {number} tons" for number in range(20)]
SETS = {
    "offices": Dataset(
        {str(number): Document((Block(BlockKind.PARAGRAPH, text),)) for number, text in enumerate(TEXTS)},
        {"q": "the office number 3"},
        {"q": {"3": 1}},
    )
}


def _silent(_: str) -> None:
    return None


def _wanted(parent: Path, kind: Kind, **others: object) -> Wanted:
    settings = {"max_loss": 1.0, "keep_weights": True} | others
    return Wanted(parent, "small", kind, SETS, **settings)  # type: ignore[arg-type]


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    return import_folder(sentence(tmp_path / "model"), Wishes("parent", float32=True), _silent)


@pytest.mark.parametrize(
    ("kind", "least", "share"),
    [
        (Kind.INT8, 0.98, 0.6),
        (Kind.FP16, 0.99999, 0.6),
        (Kind.EMBEDDINGS8, 0.999, 0.7),
    ],
)
def test_the_vectors_stay_and_the_file_shrinks(parent: Path, kind: Kind, least: float, share: float) -> None:
    made = quantize_encoder(_wanted(parent, kind), _silent)
    ours, theirs = (Encoder.load(folder, threads=1).encode_passages(TEXTS) for folder in (made, parent))
    assert float((ours * theirs).sum(axis=1).min()) > least
    assert not np.array_equal(ours, theirs)
    assert (made / MODEL).stat().st_size < share * (parent / MODEL).stat().st_size
    verify(made, read_card(made))
    facts = read_facts(made)
    assert (facts["dtype"], facts["parent"]["name"], facts["licence"]) == (kind.value, "parent-float32", "mit")
    assert set(facts["quality"]["dense ndcg@10"]["offices"]) == {"float32", kind.value}
    assert b".py" not in (made / MODEL).read_bytes()


def test_what_was_quantised_can_be_quantised_again_from_the_weights(parent: Path) -> None:
    first = quantize_encoder(_wanted(parent, Kind.INT8), _silent)
    wanted = Wanted(first, "again", Kind.FP16, SETS, 1.0, keep_weights=False)
    again = quantize_encoder(wanted, _silent)
    cosines = (Encoder.load(again).encode_passages(TEXTS) * Encoder.load(parent).encode_passages(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.99999, "from the weights, not from the int8 file"
    assert not (again / "weights.safetensors").exists()


def test_too_large_a_loss_installs_nothing(parent: Path) -> None:
    with pytest.raises(EncoderError, match="nDCG@10 on offices falls"):
        quantize_encoder(_wanted(parent, Kind.FP16, max_loss=-0.5), _silent)
    assert [name for name, _ in installed()] == ["default", "parent"]


@pytest.mark.parametrize(
    ("flags", "allowed"), [("sse avx2 avx512_vnni", True), ("avx_vnni", True), ("sse avx2", False)]
)
def test_full_range_needs_vnni(
    parent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str, allowed: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags\t\t: {flags}\n")
    monkeypatch.setattr(vnni, "CPU", tmp_path / "cpuinfo")
    if allowed:
        vnni.need_vnni("it")
        return
    with pytest.raises(EncoderError, match="needs a CPU with VNNI"):
        quantize_encoder(_wanted(parent, Kind.INT8_FULL), _silent)


def test_an_encoder_in_all_eight_bits_is_not_run_where_it_would_overflow(
    parent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "with").write_text("flags\t\t: sse avx2 avx512_vnni\n")
    (tmp_path / "without").write_text("flags\t\t: sse avx2\n")
    monkeypatch.setattr(vnni, "CPU", tmp_path / "with")
    made = quantize_encoder(_wanted(parent, Kind.INT8_FULL), _silent)
    Encoder.load(made, threads=1)
    monkeypatch.setattr(vnni, "CPU", tmp_path / "without")
    with pytest.raises(EncoderError, match="needs a CPU with VNNI") as refused:
        Encoder.load(made, threads=1)
    assert "\n" not in refused.value.message and "--kind int8" in refused.value.hint
    Encoder.load(parent, threads=1)


def test_the_command_line_knows_every_kind() -> None:
    from localsearch.cli.model.quantize import KindName

    assert [kind.value for kind in KindName] == [kind.value for kind in Kind]
