"""What an encoder promises: rows in order, vectors that depend on their text alone, no model it should not run."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from localsearch.encoder.onnx import Encoder
from localsearch.errors import EncoderError
from tests.conftest import TINY
from tests.encoder.conftest import Variant

TEXTS = [
    "the notice period of the lease is three months",
    "",
    "ten bolts",
    "the harbour master keeps the tide table " * 40,
    "合同的通知期为三个月。",
    "the notice period",
]


def test_row_i_is_the_vector_of_text_i(tiny: Encoder) -> None:
    vectors = tiny.encode_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), tiny.dim)
    assert vectors.dtype == np.float32
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_array_equal(vector, tiny.encode_query(text))


def test_a_vector_depends_on_its_text_alone(tiny: Encoder) -> None:
    together = tiny.encode_passages(TEXTS)
    backwards = tiny.encode_passages(TEXTS[::-1])[::-1]
    np.testing.assert_array_equal(together, backwards)


def test_vectors_have_unit_length(tiny: Encoder) -> None:
    lengths = np.linalg.norm(tiny.encode_passages(TEXTS), axis=1)
    np.testing.assert_allclose(lengths, 1.0, atol=1e-6)


def test_no_texts_give_no_rows(tiny: Encoder) -> None:
    vectors = tiny.encode_passages([])
    assert vectors.shape == (0, tiny.dim)
    assert vectors.dtype == np.float32


def test_related_texts_are_closer(tiny: Encoder) -> None:
    lease, _, bolts, *_ = tiny.encode_passages(TEXTS)
    query = tiny.encode_query("notice period of a lease")
    assert query @ lease > query @ bolts + 0.1


def test_the_number_of_threads_changes_nothing(tiny: Encoder) -> None:
    texts = [f"{number} {TEXTS[number % len(TEXTS)]}" for number in range(40)]
    alone = Encoder.load(TINY, threads=1)
    np.testing.assert_array_equal(tiny.encode_passages(texts), alone.encode_passages(texts))


def test_one_encoder_serves_many_threads(tiny: Encoder) -> None:
    expected = [tiny.encode_query(text) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(tiny.encode_query, TEXTS * 20))
    for number, vector in enumerate(found):
        np.testing.assert_array_equal(vector, expected[number % len(TEXTS)])


def test_reading_stops_at_max_tokens(variant: Variant) -> None:
    short = Encoder.load(variant(max_tokens=6), threads=1)
    assert short.max_tokens == 6  # [CLS] and [SEP] are two of them
    np.testing.assert_array_equal(
        short.encode_query("one two three four"), short.encode_query("one two three four five")
    )
    assert not np.array_equal(short.encode_query("one two three four"), short.encode_query("one two three five"))


def test_prefixes_come_from_the_card(tiny: Encoder, variant: Variant) -> None:
    prefixed = Encoder.load(variant(query_prefix="query: ", passage_prefix="passage: "), threads=1)
    np.testing.assert_array_equal(prefixed.encode_query("tide"), tiny.encode_query("query: tide"))
    np.testing.assert_array_equal(prefixed.encode_passages(["tide"])[0], tiny.encode_query("passage: tide"))


def test_token_offsets_cover_the_whole_text(tiny: Encoder) -> None:
    text = "Über 日本, the " + "period " * 1_000
    offsets = tiny.token_offsets(text)
    pieces = [text[start:end] for start, end in offsets]
    assert pieces[-1] == "period"
    assert len(pieces) > 1_000 > tiny.max_tokens
    assert "".join(pieces) == text.replace(" ", "")
    assert tiny.token_offsets("") == []


def test_lone_surrogates_do_not_stop_it(tiny: Encoder) -> None:
    np.testing.assert_array_equal(tiny.encode_query("the \udcff period"), tiny.encode_query("the ? period"))
    assert tiny.token_offsets("\udcff the") == [(0, 1), (2, 5)]


# Models that are refused


@pytest.mark.parametrize(
    "content",
    [b"not a model", pickle.dumps({"weights": [1.0]})],
    ids=["text", "pickle"],
)
def test_what_is_no_onnx_model_is_refused_in_one_line(variant: Variant, content: bytes) -> None:
    with pytest.raises(EncoderError, match=r"The model at .*model.onnx cannot be used") as caught:
        Encoder.load(variant({"model.onnx": content}))
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_onnxruntime_own_format_is_refused(variant: Variant, tmp_path: Path) -> None:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "model.ort")
    options.log_severity_level = 4
    onnxruntime.InferenceSession(TINY / "model.onnx", options, providers=["CPUExecutionProvider"])
    with pytest.raises(EncoderError, match=r"The model at .*model.onnx cannot be used"):
        Encoder.load(variant({"model.onnx": (tmp_path / "model.ort").read_bytes()}))


def test_a_model_with_weights_elsewhere_is_refused(variant: Variant) -> None:
    location = b"\x0a\x08location\x12\x0b/etc/passwd"  # StringStringEntryProto{key: "location", value: ...}
    external = b"\x6a" + bytes([len(location)]) + location  # TensorProto.external_data
    tensor = external + b"\x70\x01"  # TensorProto.data_location = EXTERNAL
    initializer = b"\x2a" + bytes([len(tensor)]) + tensor
    model = (TINY / "model.onnx").read_bytes() + b"\x3a" + bytes([len(initializer)]) + initializer  # GraphProto, merged
    with pytest.raises(EncoderError, match="keeps weights in another file"):
        Encoder.load(variant({"model.onnx": model}))


def test_a_model_with_other_inputs_is_refused(variant: Variant) -> None:
    model = (TINY / "model.onnx").read_bytes().replace(b"input_ids", b"pixel_ids")
    with pytest.raises(EncoderError, match="asks for inputs we do not have: pixel_ids"):
        Encoder.load(variant({"model.onnx": model}))


def test_a_model_with_another_width_is_refused(variant: Variant) -> None:
    with pytest.raises(EncoderError, match="gives 32 numbers, its card says 384"):
        Encoder.load(variant(dim=384))


def test_a_tokenizer_that_is_none_is_refused(variant: Variant) -> None:
    with pytest.raises(EncoderError, match=r"The tokenizer at .*tokenizer.json cannot be used") as caught:
        Encoder.load(variant({"tokenizer.json": b"{}"}))
    assert "\n" not in caught.value.message


def test_a_graph_that_fails_on_a_text_says_which_encoder(variant: Variant) -> None:
    tokenizer = json.loads((TINY / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"]["the"] = 1_000_000  # beyond the model's embeddings
    broken = Encoder.load(variant({"tokenizer.json": json.dumps(tokenizer).encode()}), threads=2)
    with pytest.raises(EncoderError, match="The encoder tiny-int8 failed"):
        broken.encode_passages(["a", "the", "b"])


def test_running_it_loads_no_training_library() -> None:
    code = (
        "import sys; from pathlib import Path; from localsearch.encoder.onnx import Encoder;"
        f"Encoder.load(Path({str(TINY)!r})).encode_passages(['text']);"
        "print({'torch', 'transformers', 'sentence_transformers', 'onnx'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
    assert result.stderr == ""
