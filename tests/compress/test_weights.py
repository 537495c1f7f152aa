"""Weights kept beside the ONNX file, and what is read back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localsearch.compress.folder import write_card, write_tokenizer
from localsearch.encoder.card import Pooling
from localsearch.errors import EncoderError
from tests.conftest import TINY

if TYPE_CHECKING:
    from localsearch.compress.weights import TorchEncoder

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]

SMALL = {
    "vocab_size": 300,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 66,
}


def _mpnet() -> TorchEncoder:
    from transformers import MPNetConfig, MPNetModel

    from localsearch.compress.weights import TorchEncoder

    return TorchEncoder(MPNetModel(MPNetConfig(**SMALL), add_pooling_layer=False).eval(), Pooling.MEAN)


def _roberta() -> TorchEncoder:
    import torch
    from transformers import RobertaConfig, RobertaModel

    from localsearch.compress.convert import to_distilbert
    from localsearch.compress.weights import TorchEncoder, dense_layer

    config = RobertaConfig(**SMALL, type_vocab_size=1, layer_norm_eps=1e-3)
    model = to_distilbert(RobertaModel(config, add_pooling_layer=False).eval())
    return TorchEncoder(model, Pooling.CLS, dense_layer(torch.randn(16, 32), torch.randn(16), "Tanh"))


def folder_of(encoder: TorchEncoder, folder: Path) -> Path:
    """The tiny encoder's folder with these weights in it."""
    from localsearch.compress.weights import save_torch

    (folder / "model.onnx").write_bytes((TINY / "model.onnx").read_bytes())
    write_tokenizer(TINY, folder)
    save_torch(encoder, folder)
    facts = json.loads((TINY / "card.json").read_text()) | {"pooling": encoder.pooling}
    write_card(folder, {key: value for key, value in facts.items() if key not in ("files", "canonical", "format")})
    return folder


@pytest.mark.parametrize("kind", [_mpnet, _roberta])
def test_what_is_kept_is_read_back(kind: object, tmp_path: Path) -> None:
    import torch

    from localsearch.compress.weights import load_torch

    torch.manual_seed(5)
    encoder: TorchEncoder = kind()  # type: ignore[operator]
    back = load_torch(folder_of(encoder, tmp_path))
    ids = torch.randint(5, 300, (2, 40))
    with torch.no_grad():
        hidden = encoder.model(ids).last_hidden_state
        assert torch.equal(back.model(ids).last_hidden_state, hidden)
        if encoder.dense is not None:
            assert back.dense is not None and torch.equal(back.dense(hidden[:, 0]), encoder.dense(hidden[:, 0]))
    assert (back.pooling, back.dim) == (encoder.pooling, encoder.dim)


def test_a_roberta_keeps_its_hidden_states() -> None:
    import torch
    from transformers import RobertaConfig, RobertaModel

    from localsearch.compress.convert import to_distilbert

    torch.manual_seed(5)
    roberta = RobertaModel(RobertaConfig(**SMALL, layer_norm_eps=1e-3), add_pooling_layer=False).eval()
    ids = torch.randint(5, 300, (2, 64))  # all positions there are
    with torch.no_grad():
        for weights in roberta.parameters():
            weights.mul_(2.0)
        ours, theirs = to_distilbert(roberta)(ids).last_hidden_state, roberta(ids).last_hidden_state
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def test_an_encoder_without_weights_says_so() -> None:
    from localsearch.compress.weights import load_torch

    with pytest.raises(EncoderError, match=r"keeps no weights\.safetensors"):
        load_torch(TINY)


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    from localsearch.compress.weights import load_torch

    bert = replace(_mpnet(), model=BertModel(BertConfig(**SMALL)))
    with pytest.raises(EncoderError, match="the architecture is 'bert', not distilbert or mpnet"):
        load_torch(folder_of(bert, tmp_path))


@pytest.mark.parametrize("kind", [_mpnet, _roberta])
def test_exported_graphs_pool_and_project_as_torch_does(kind: object, tmp_path: Path) -> None:
    import onnxruntime
    import torch

    from localsearch.compress.balance import balance
    from localsearch.compress.export import export

    torch.manual_seed(5)
    encoder: TorchEncoder = kind()  # type: ignore[operator]
    texts = [torch.randint(5, 300, (1, length)) for length in (1, 7, 64)]
    with torch.no_grad():
        for weights in encoder.model.parameters():
            weights.mul_(2.0).add_(torch.randn_like(weights) * 0.1)  # relative positions must matter
        hidden = [encoder.model(ids).last_hidden_state for ids in texts]
        pooled = [one[:, 0] if encoder.pooling is Pooling.CLS else one.mean(dim=1) for one in hidden]
        expected = [one if encoder.dense is None else encoder.dense(one) for one in pooled]
    balance(encoder.model)
    export(encoder, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    for ids, tokens, vector in zip(texts, hidden, expected, strict=True):
        ours, our_tokens = session.run(["sentence_embedding", "token_embeddings"], {"input_ids": ids.numpy()})
        torch.testing.assert_close(torch.from_numpy(our_tokens), tokens, atol=1e-4, rtol=0)
        torch.testing.assert_close(
            torch.from_numpy(ours), torch.nn.functional.normalize(vector, dim=1), atol=1e-5, rtol=0
        )
