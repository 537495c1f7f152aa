"""Graphs that give token vectors only: the card's pooling, projection and normalisation do the rest."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

from localsearch.encoder.card import Pooling
from localsearch.encoder.onnx import Encoder
from localsearch.encoder.pool import Head, unit
from localsearch.errors import EncoderError
from tests.conftest import TINY
from tests.encoder.conftest import Variant

TEXT = "the notice period of the lease"
TOKENS_ONLY = (TINY / "model.onnx").read_bytes().replace(b"sentence_embedding", b"_entence_embedding")
"""The tiny model, its pooled output under a name that means nothing to the encoder."""
HIDDEN = np.array([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]], dtype=np.float32)


def _npy(matrix: object) -> bytes:
    file = BytesIO()
    np.save(file, np.asarray(matrix))
    return file.getvalue()


@pytest.mark.parametrize(
    ("pooling", "projection", "expected"),
    [
        (Pooling.CLS, None, [1.0, 0.0]),
        (Pooling.MEAN, None, [0.6, 0.8]),
        (Pooling.MEAN, [[0.0], [2.0]], [1.0]),
        (Pooling.CLS, [[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]], [0.5**0.5, 0.5**0.5, 0.0]),
    ],
)
def test_head(pooling: Pooling, projection: list[list[float]] | None, expected: list[float]) -> None:
    matrix = None if projection is None else np.array(projection, dtype=np.float32)
    vector = Head("token_embeddings", pooling, matrix)(HIDDEN)
    np.testing.assert_allclose(vector, expected, rtol=1e-6)
    assert vector.dtype == np.float32


def test_unit_leaves_a_zero_vector() -> None:
    np.testing.assert_array_equal(unit(np.zeros(3, dtype=np.float32)), np.zeros(3))


def test_mean_pooling_here_equals_mean_pooling_in_the_graph(tiny: Encoder, variant: Variant) -> None:
    pooled_here = Encoder.load(variant({"model.onnx": TOKENS_ONLY}), threads=1)
    np.testing.assert_allclose(pooled_here.encode_query(TEXT), tiny.encode_query(TEXT), atol=1e-6)


def test_cls_pooling_reads_the_first_token(tiny: Encoder, variant: Variant) -> None:
    cls = Encoder.load(variant({"model.onnx": TOKENS_ONLY}, pooling="cls"), threads=1)
    assert not np.allclose(cls.encode_query(TEXT), tiny.encode_query(TEXT), atol=1e-2)


def test_projection_comes_from_the_folder(tiny: Encoder, variant: Variant) -> None:
    matrix = np.eye(32, 4, dtype=np.float32)  # keeps the first four numbers
    folder = variant({"model.onnx": TOKENS_ONLY, "dense.npy": _npy(matrix)}, projection="dense.npy", dim=4)
    projected = Encoder.load(folder, threads=1).encode_passages([TEXT])
    assert projected.shape == (1, 4)
    np.testing.assert_allclose(projected[0], unit(tiny.encode_query(TEXT)[:4]), atol=1e-5)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"no array", "cannot be read"),
        (_npy(np.array([{"a": 1}], dtype=object)), "cannot be read"),  # a pickle inside
        (_npy(np.ones(4, dtype=np.float32)), "is not a float32 matrix"),
        (_npy(np.ones((4, 4))), "is not a float32 matrix"),
        (_npy(np.ones((32, 8), dtype=np.float32)), "gives 8 numbers, its card says 4"),
    ],
    ids=["text", "pickle", "vector", "float64", "width"],
)
def test_a_wrong_projection_is_refused(variant: Variant, content: bytes, complaint: str) -> None:
    folder = variant({"model.onnx": TOKENS_ONLY, "dense.npy": content}, projection="dense.npy", dim=4)
    with pytest.raises(EncoderError, match=complaint):
        Encoder.load(folder)


def test_a_graph_without_vectors_is_refused(variant: Variant) -> None:
    model = TOKENS_ONLY.replace(b"token_embeddings", b"_oken_embeddings")
    with pytest.raises(EncoderError, match="none of these is a vector per text or token"):
        Encoder.load(variant({"model.onnx": model}))
