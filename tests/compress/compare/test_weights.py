"""Counting the numbers in an ONNX file without a library for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from localsearch.compress.compare.weights import count_weights
from localsearch.encoder.onnx import DEFAULT
from tests.conftest import TINY

PIECES, POSITIONS, DIM, NEURONS, LAYERS = 30_522, 512, 384, 1_536, 6


def test_the_default_encoder_has_the_parameters_of_its_architecture() -> None:
    embeddings = (PIECES + POSITIONS) * DIM + 2 * DIM  # the last two: scale and shift of the norm
    attention = 4 * (DIM * DIM + DIM) + 2 * DIM
    feed_forward = 2 * DIM * NEURONS + NEURONS + DIM + 2 * DIM
    evened_out = DIM + DIM + NEURONS  # factors of the outlier channels, docs/decisions/0002
    found = count_weights((DEFAULT / "model.onnx").read_bytes())
    assert 0 <= found.parameters - (embeddings + LAYERS * (attention + feed_forward + evened_out)) <= 4
    assert found.zeros < 0.02 * found.parameters


@pytest.mark.compress
@pytest.mark.parametrize("folder", [TINY, DEFAULT], ids=["tiny", "default"])
def test_it_counts_what_the_onnx_library_counts(folder: Path) -> None:
    import onnx
    from onnx import numpy_helper

    parameters = zeros = 0
    for tensor in onnx.load(folder / "model.onnx").graph.initializer:
        if tensor.data_type in (1, 2, 3) and not tensor.name.endswith(("_scale", "_zero_point")):
            values = numpy_helper.to_array(tensor)
            parameters += values.size
            zeros += int((values == 0).sum()) if tensor.data_type != 2 else 0
    found = count_weights((folder / "model.onnx").read_bytes())
    assert (found.parameters, found.zeros) == (parameters, zeros)


@pytest.mark.parametrize("change", [lambda model: model[:-7], lambda model: b"\x0b" + model, lambda model: b"\x3a\xff"])
def test_what_is_no_model_is_refused(change: object) -> None:
    with pytest.raises(ValueError, match=r"cut short|not an ONNX"):
        count_weights(change((TINY / "model.onnx").read_bytes()))  # type: ignore[operator]
