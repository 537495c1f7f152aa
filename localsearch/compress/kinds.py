"""Ways to store an encoder's weights in fewer bytes. Each writes one ONNX file from a float32 one.

What each costs and when it pays: docs/compression.md.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from localsearch.compress.quantize import quantize
from localsearch.encoder.vnni import need_vnni

LARGE = 1_024
"""Numbers of a tensor from which on its type matters; norms and biases are smaller and stay float32."""


class Kind(StrEnum):
    """How weights are stored, and what is computed in."""

    INT8 = "int8"
    """Matrices in 7 of 8 bits for each output channel, words in 8 bits; activations scaled text by text."""
    INT8_FULL = "int8-full"
    """The same with all 8 bits: only CPUs with VNNI compute it without overflow."""
    FP16 = "fp16"
    """Weights in half precision; computing stays in float32."""
    EMBEDDINGS8 = "embeddings8"
    """Words in 8 bits, everything else in float32."""

    @property
    def evens_outliers(self) -> bool:
        """Whether activations are stored in 8 bits too, so that large channels cost precision."""
        return self in (Kind.INT8, Kind.INT8_FULL)


def store(kind: Kind, source: Path, target: Path) -> None:
    """Write the float32 model `source` as `kind`. Raises EncoderError for int8-full on a CPU without VNNI."""
    match kind:
        case Kind.INT8:
            quantize(source, target)
        case Kind.INT8_FULL:
            need_vnni("--kind int8-full")
            quantize(source, target, reduce_range=False)
        case Kind.FP16:
            store_halves(source, target)
        case Kind.EMBEDDINGS8:
            quantize(source, target, matrices=False)


def store_halves(source: Path, target: Path) -> None:
    """Large tensors as float16, each with a node that makes float32 of it when the model is loaded."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(source)
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < LARGE:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], name=f"{name}.cast", to=TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)
    onnx.save(model, target)
