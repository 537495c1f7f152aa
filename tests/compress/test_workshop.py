"""From BERT to an int8 encoder folder, on seeded models of a few thousand weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from localsearch.encoder.onnx import Encoder
from tests.conftest import TINY

if TYPE_CHECKING:
    from transformers import BertModel

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]

WORDS = len(json.loads((TINY / "tokenizer.json").read_text())["model"]["vocab"])
TEXTS = ("the notice period of the lease", "", "ten bolts and a nut", "合同 " * 90)


@pytest.fixture
def bert() -> BertModel:
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=WORDS,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=256,
    )
    model = BertModel(config).eval()
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(2.0).add_(torch.randn_like(weights) * 0.05)  # no bias and no scale left at 0 or 1
        for layer in model.encoder.layer:
            layer.attention.output.LayerNorm.weight[5] = 20.0  # an outlier channel, as trained models have
    return model


def _ids(text: str) -> Any:
    import torch

    from localsearch.encoder.card import read_card, read_verified
    from localsearch.encoder.onnx import _load_tokenizer

    card = read_card(TINY)
    tokenizer = _load_tokenizer(read_verified(TINY, card, "tokenizer.json"), card, TINY)
    return torch.tensor([tokenizer.encode(text).ids])


def _hidden(model: Any, text: str) -> Any:
    import torch

    with torch.no_grad():
        return model(_ids(text)).last_hidden_state.numpy()


def test_conversion_keeps_the_hidden_states(bert: BertModel) -> None:
    from localsearch.compress.convert import to_distilbert

    distilbert = to_distilbert(bert)
    for text in TEXTS:
        np.testing.assert_allclose(_hidden(distilbert, text), _hidden(bert, text), atol=1e-5)


def test_conversion_keeps_the_epsilon_of_the_layer_norms(bert: BertModel) -> None:
    from transformers import BertModel

    from localsearch.compress.convert import to_distilbert

    bert.config.layer_norm_eps = 0.1
    other = BertModel(bert.config).eval()
    other.load_state_dict(bert.state_dict())
    np.testing.assert_allclose(_hidden(to_distilbert(other), TEXTS[0]), _hidden(other, TEXTS[0]), atol=1e-5)


def test_conversion_refuses_relative_positions(bert: BertModel) -> None:
    from localsearch.compress.convert import to_distilbert

    bert.config.position_embedding_type = "relative_key"
    with pytest.raises(ValueError, match="absolute"):
        to_distilbert(bert)


def test_balancing_keeps_the_hidden_states_and_lowers_the_outlier(bert: BertModel) -> None:
    from localsearch.compress.balance import Balanced, balance
    from localsearch.compress.convert import to_distilbert

    distilbert = to_distilbert(bert)
    balance(distilbert)
    for text in TEXTS:
        np.testing.assert_allclose(_hidden(distilbert, text), _hidden(bert, text), atol=1e-4)
    first = distilbert.transformer.layer[0].ffn.lin1
    assert isinstance(first, Balanced)
    assert first.inverse.argmin() == 5
    assert first.inverse.min() < 0.8


def test_exported_folders_hold_what_torch_computes(bert: BertModel, tmp_path: Path) -> None:
    from localsearch.compress.build import About, build
    from localsearch.compress.convert import to_distilbert
    from localsearch.compress.weights import WEIGHTS, load_torch

    about = About(name="seeded", licence="MIT", origin="seed 3", notice="none", max_tokens=256, command="pytest")
    exact, small = tmp_path / "float32", tmp_path / "int8"
    build(to_distilbert(bert), TINY, about, exact=exact, small=small)

    float32, int8 = Encoder.load(exact, threads=1), Encoder.load(small, threads=1)
    kept = load_torch(small)
    for text in TEXTS:
        np.testing.assert_allclose(_hidden(kept.model, text), _hidden(bert, text), atol=1e-5)
        pooled = _hidden(bert, text)[0].mean(axis=0)
        expected = pooled / np.linalg.norm(pooled)
        np.testing.assert_allclose(float32.encode_query(text), expected, atol=1e-5)
        assert int8.encode_query(text) @ expected > 0.99
    assert float32.fingerprint != int8.fingerprint
    assert not (exact / WEIGHTS).exists()
    assert (small / "model.onnx").stat().st_size < 0.6 * (exact / "model.onnx").stat().st_size
    for folder in (exact, small):
        model = (folder / "model.onnx").read_bytes()
        assert b".py" not in model  # no stack traces, no paths of the machine that made it


def test_int8_products_cannot_overflow_sixteen_bits() -> None:
    import onnx
    from onnx import numpy_helper

    for folder in (TINY, Path(TINY, "../../../localsearch/encoder/default").resolve()):
        graph = onnx.load(folder / "model.onnx").graph
        tensors = {tensor.name: tensor for tensor in graph.initializer}
        products = [node for node in graph.node if node.op_type == "MatMulInteger"]
        assert products
        for node in products:
            weights = numpy_helper.to_array(tensors[node.input[1]])
            assert weights.dtype == np.int8
            assert np.abs(weights.astype(int)).max() <= 64  # 255 * 64 * 2 < 2 ** 15
