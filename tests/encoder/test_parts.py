"""A vector taken apart: its rows add up to it, and each stands where its token stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from localsearch.encoder.onnx import Encoder
from localsearch.encoder.parts import parts_of
from tests.conftest import TINY
from tests.encoder.conftest import Variant
from tests.encoder.test_pool import TOKENS_ONLY, _npy

TEXTS = [
    "the notice period of the lease is three months",
    "ten bolts",
    "the harbour master keeps the tide table " * 60,
    "合同的通知期为三个月。",
    "A lone \ud800 surrogate",
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_rows_add_up_to_the_vector(tiny: Encoder, text: str) -> None:
    (parts,) = tiny.take_apart([text])
    assert parts is not None
    (vector,) = tiny.encode_passages([text])
    np.testing.assert_array_equal(parts.vector, vector)
    np.testing.assert_allclose(parts.rows.sum(axis=0), vector, atol=1e-6)


def test_spans_are_those_of_the_tokens_and_the_frame_has_none(tiny: Encoder) -> None:
    (parts,) = tiny.take_apart([TEXTS[0]])
    assert parts is not None
    assert parts.spans[0] is None
    assert parts.spans[-1] is None
    assert list(parts.spans[1:-1]) == tiny.token_offsets(TEXTS[0])


def test_what_the_window_cuts_off_has_no_row(tiny: Encoder) -> None:
    (parts,) = tiny.take_apart([TEXTS[2]])
    assert parts is not None
    assert len(parts.rows) == len(parts.spans) == tiny.max_tokens
    assert max(span[1] for span in parts.spans if span) < len(TEXTS[2])


def test_a_prefix_belongs_to_the_frame(variant: Variant) -> None:
    prefixed = Encoder.load(variant(passage_prefix="passage: "), threads=1)
    (parts,) = prefixed.take_apart(["ten bolts"])
    assert parts is not None
    shown = [None if span is None else "ten bolts"[slice(*span)] for span in parts.spans]
    assert next(one for one in shown if one) == "ten"
    assert shown.count(None) > 2
    np.testing.assert_allclose(parts.rows.sum(axis=0), prefixed.encode_passages(["ten bolts"])[0], atol=1e-6)


@pytest.mark.parametrize(
    ("contents", "card"), [({}, {}), ({"dense.npy": "eye"}, {"projection": "dense.npy", "dim": 4})]
)
def test_pooling_and_projection_outside_the_graph(
    variant: Variant, contents: dict[str, str], card: dict[str, Any]
) -> None:
    matrix = np.linspace(-1, 1, 32 * 4, dtype=np.float32).reshape(32, 4)
    files = {"model.onnx": TOKENS_ONLY} | {name: _npy(matrix) for name in contents}
    encoder = Encoder.load(variant(files, **card), threads=1)
    (parts,) = encoder.take_apart([TEXTS[0]])
    assert parts is not None
    np.testing.assert_allclose(parts.rows.sum(axis=0), encoder.encode_passages([TEXTS[0]])[0], atol=1e-6)


@pytest.mark.parametrize("inside", [True, False])
def test_a_vector_of_one_token_is_no_sum(variant: Variant, inside: bool) -> None:
    contents = {} if inside else {"model.onnx": TOKENS_ONLY}
    assert Encoder.load(variant(contents, pooling="cls"), threads=1).take_apart(TEXTS) == [None] * len(TEXTS)


def test_a_graph_that_keeps_its_token_vectors_cannot_be_taken_apart(variant: Variant) -> None:
    closed = (TINY / "model.onnx").read_bytes().replace(b"token_embeddings", b"_oken_embeddings")
    assert Encoder.load(variant({"model.onnx": closed}), threads=1).take_apart(["ten bolts"]) == [None]


def test_a_vector_that_is_not_the_mean_is_not_explained_by_it(tiny: Encoder) -> None:
    encoding = tiny._tokenize("ten bolts")
    hidden = np.eye(len(encoding.ids), 4, dtype=np.float32)
    mean = hidden.mean(axis=0) / np.linalg.norm(hidden.mean(axis=0))
    assert parts_of(encoding, 0, hidden, None, mean) is not None
    assert parts_of(encoding, 0, hidden, None, mean[::-1] * np.float32(0.9)) is None
    assert parts_of(encoding, 0, hidden, None, mean[:3]) is None, "a projection inside the graph"
