"""Folders of other libraries become encoders that give the same vectors, or are refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from localsearch.compress.importing import Wishes, import_folder
from localsearch.encoder.card import Pooling, read_card, read_facts, verify
from localsearch.encoder.onnx import Encoder
from localsearch.encoder.shelf import installed
from localsearch.errors import EncoderError
from tests.compress.origins import README, change, plain, sentence, write

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]

TEXTS = ("the notice period of the lease", "", "ten bolts and a nut", "合同 " * 90)


def _silent(_: str) -> None:
    return None


def _roberta(folder: Path) -> Path:
    return sentence(folder, "Roberta", pooling="cls_token", layer_norm_eps=1e-5, type_vocab_size=1, pad_token_id=0)


def _distiluse(folder: Path) -> Path:
    """DistilBERT with a projection, as distiluse-base-multilingual."""
    config = {"n_layers": 2, "n_heads": 4, "dim": 32, "hidden_dim": 48}
    return sentence(folder, "DistilBert", dense=16, **config)


def _halved(folder: Path) -> Path:
    """Weights in half precision, as many models are published."""
    from safetensors.torch import load_file, save_file

    sentence(folder)
    weights = {name: values.half() for name, values in load_file(folder / "model.safetensors").items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    change(folder / "config.json", dtype="float16", torch_dtype="float16")
    return folder


KINDS = {
    "bert": sentence,
    "bert-fp16": _halved,
    "roberta-cls": _roberta,
    "distilbert-dense": _distiluse,
    "xlm-roberta": lambda folder: sentence(folder, "XLMRoberta", pad_token_id=0),
    "mpnet": lambda folder: sentence(folder, "MPNet"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_vectors_are_those_of_sentence_transformers(kind: str, tmp_path: Path) -> None:
    from localsearch.compress.measure import original

    folder = KINDS[kind](tmp_path / "model")
    exact = Encoder.load(import_folder(folder, Wishes("exact", float32=True), _silent), threads=1)
    reference = original(folder)
    expected = np.stack([reference.encode(text, normalize_embeddings=True) for text in TEXTS])
    np.testing.assert_allclose(exact.encode_passages(TEXTS), expected, atol=1e-5)
    assert exact.max_tokens == 64


def test_the_card_says_what_was_measured_and_seals_the_folder(tmp_path: Path) -> None:
    from localsearch.compress.weights import load_torch

    folder = sentence(tmp_path / "model")
    (folder / "LICENSE").write_text("Permission is hereby granted")
    made = import_folder(folder, Wishes("mine"), _silent)
    assert installed()[1] == ("mine", made)
    verify(made, read_card(made))
    facts = read_facts(made)
    assert (facts["name"], facts["dtype"], facts["licence"], facts["layers"]) == ("mine-int8", "int8", "mit", 2)
    assert facts["parity"]["float32_to_sentence_transformers"]["largest_difference"] < 1e-5
    assert facts["parity"]["int8_to_float32"]["mean_cosine"] > 0.97
    assert "Permission is hereby granted" in (made / "NOTICE").read_text()
    assert str(tmp_path) not in (made / "card.json").read_text(), "paths of this machine stay here"
    assert load_torch(made).model.config.n_layers == 2
    assert not list(made.parent.glob(".new-*"))


def test_a_plain_folder_is_pooled_as_asked_and_gets_prefixes(tmp_path: Path) -> None:
    folder = plain(tmp_path / "model")
    wishes = Wishes("plain", pooling=Pooling.CLS, query_prefix="query: ", float32=True, keep_weights=False)
    made = import_folder(folder, wishes, _silent)
    card = read_card(made)
    assert (card.pooling, card.query_prefix, card.passage_prefix, card.max_tokens) == (Pooling.CLS, "query: ", "", 100)
    assert not (made / "weights.safetensors").exists()


def test_prompts_become_prefixes(tmp_path: Path) -> None:
    folder = sentence(tmp_path / "model")
    change(folder / "config_sentence_transformers.json", prompts={"query": "q: ", "document": "d: "})
    card = read_card(import_folder(folder, Wishes("prompted", float32=True), _silent))
    assert (card.query_prefix, card.passage_prefix) == ("q: ", "d: ")


def test_a_measured_loss_above_the_limit_installs_nothing(tmp_path: Path) -> None:
    from localsearch.evaluate import Dataset
    from localsearch.records import Block, BlockKind, Document

    texts = {str(number): Document((Block(BlockKind.PARAGRAPH, f"number {number}"),)) for number in range(3)}
    data = Dataset(texts, {"q": "number 1"}, {"q": {"1": 1}})
    with pytest.raises(EncoderError, match="nDCG@10 on tiny falls"):
        import_folder(sentence(tmp_path / "model"), Wishes("loss", sets={"tiny": data}, max_loss=-1.0), _silent)
    assert len(installed()) == 1


# Refused


def _pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _external(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.onnx_data").write_bytes(b"")


def _outside(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["path"] = "../elsewhere"
    write(folder / "modules.json", modules)


def _custom(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["type"] = "modeling_mine.Pooling"
    write(folder / "modules.json", modules)


def _remote(folder: Path) -> None:
    change(folder / "config.json", auto_map={"AutoModel": "modeling_mine.Model"})


def _remote_tokenizer(folder: Path) -> None:
    change(folder / "tokenizer_config.json", auto_map={"AutoTokenizer": ["tokenization_mine.T", None]})


def _trusting(folder: Path) -> None:
    change(folder / "sentence_bert_config.json", model_args={"trust_remote_code": True})


def _onnx_alone(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.onnx").write_bytes(b"")
    (folder / "model.onnx.data").write_bytes(b"")


def _lacking(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layer.1.output.dense.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


REFUSALS: dict[str, tuple[Callable[[Path], object], str]] = {
    "pickle": (_pickle, r"pytorch_model\.bin, a format that can carry code"),
    "external data": (_external, r"model\.onnx_data, outside its model"),
    "remote code": (_remote, r"code of its own \(auto_map in config\.json\)"),
    "remote tokenizer": (_remote_tokenizer, r"auto_map in tokenizer_config\.json"),
    "trusting": (_trusting, r"code of its own \(trust_remote_code in sentence_bert_config\.json\)"),
    "ONNX with data": (_onnx_alone, r"model\.onnx\.data, outside its model"),
    "custom module": (_custom, r"code of its own \(modeling_mine\.Pooling"),
    "outside": (_outside, r"a folder outside of it"),
    "architecture": (lambda folder: change(folder / "config.json", model_type="gpt2"), "its architecture is gpt2"),
    "pooling": (
        lambda folder: change(
            folder / "1_Pooling" / "config.json", pooling_mode_mean_tokens=False, pooling_mode_max_tokens=True
        ),
        "it pools by max",
    ),
    "licence": (lambda folder: (folder / "README.md").write_text("# A model"), "names no licence"),
    "no config": (lambda folder: (folder / "config.json").unlink(), r"config\.json: No such file"),
    "not JSON": (lambda folder: (folder / "config.json").write_text("{"), r"config\.json is not JSON"),
    "cut short": (lambda folder: (folder / "model.safetensors").write_bytes(b"\x10"), "is not imported"),
    "lacking": (_lacking, "it lacks weights"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_refused_in_one_line(kind: str, tmp_path: Path) -> None:
    folder = sentence(tmp_path / "model")
    spoil, reason = REFUSALS[kind]
    spoil(folder)
    with pytest.raises(EncoderError, match=reason) as caught:
        import_folder(folder, Wishes("refused"), _silent)
    assert "\n" not in caught.value.message and str(folder) in caught.value.message
    assert len(installed()) == 1, "nothing is installed"


def test_a_pickled_projection_is_refused(tmp_path: Path) -> None:
    folder = sentence(tmp_path / "model", dense=16)
    (folder / "2_Dense" / "model.safetensors").rename(folder / "2_Dense" / "pytorch_model.bin")
    with pytest.raises(EncoderError, match=r"pytorch_model\.bin, a format that can carry code"):
        import_folder(folder, Wishes("refused"), _silent)


def test_the_licence_is_read_from_the_header_alone(tmp_path: Path) -> None:
    from localsearch.compress.origin import read_origin

    folder = sentence(tmp_path / "model")
    assert read_origin(folder).licence == "mit"
    (folder / "README.md").write_text("no header\n" + README)
    assert read_origin(folder).licence == ""


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_a_distilbert_base_goes_through(tmp_path: Path) -> None:
    """6 layers of 768 numbers, 12 heads, as distilbert-base."""
    config = {"num_hidden_layers": 6, "num_attention_heads": 12, "hidden_size": 768, "intermediate_size": 3072}
    made = import_folder(plain(tmp_path / "model", "DistilBert", **config), Wishes("base"), _silent)
    facts = read_facts(made)
    assert (facts["dim"], facts["layers"], facts["architecture"]) == (768, 6, "DistilBertModel")
    assert Encoder.load(made, threads=1).encode_query("ten bolts").shape == (768,)
