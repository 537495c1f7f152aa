"""float32 to int8: weights stored in eight bits, activations scaled while running (dynamic quantisation).

Weights of matrix products keep seven of the eight bits. CPUs with AVX2 but without VNNI add pairs of products in
16 bits: with full eight-bit weights they overflow, and the same text gets another vector on another machine. Seven
bits cannot overflow (255 * 64 * 2 < 32,768). Word embeddings are only looked up, so they use all eight.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto

WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"


def quantize(source: Path, target: Path, *, reduce_range: bool = True, matrices: bool = True) -> None:
    """Write the int8 version of the model `source` to `target`.

    `reduce_range`: seven bits instead of eight, right on every CPU. `matrices`: False leaves all but words exact.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with advice_off():
        quantize_dynamic(
            source,
            target,
            op_types_to_quantize=["MatMul", "Gather"] if matrices else ["Gather"],
            nodes_to_exclude=other_lookups(onnx.load(source)),
            per_channel=True,
            reduce_range=reduce_range,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},  # of what shape inference cannot see through
        )


def other_lookups(model: ModelProto) -> list[str]:
    """Names of the nodes that look up anything but words: positions are few, and stay exact."""
    return [node.name for node in model.graph.node if node.op_type == "Gather" and WORD_EMBEDDINGS not in node.input]


@contextmanager
def advice_off() -> Iterator[None]:
    logging.getLogger().addFilter(_no_advice)
    try:
        yield
    finally:
        logging.getLogger().removeFilter(_no_advice)


def _no_advice(record: logging.LogRecord) -> bool:
    """The quantiser advises a preparation that the exporter has done already."""
    return "pre-processing" not in record.getMessage()
