"""Ways to store an encoder's weights in fewer bytes. Each writes one ONNX file from a float32 one.

What each costs and when it pays: docs/compression.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.compress.quantize import advice_off, other_lookups, quantize
from localsearch.encoder.card import TOKENIZER
from localsearch.errors import EncoderError

if TYPE_CHECKING:
    from onnx import ModelProto

LARGE = 1_024
"""Numbers of a tensor from which on its type matters; norms and biases are smaller and stay float32."""
CALIBRATION = 128
"""Texts that show how large activations get."""
CPU_FACTS = Path("/proc/cpuinfo")


class Kind(StrEnum):
    """How weights are stored, and what is computed in."""

    INT8 = "int8"
    """Matrices in 7 of 8 bits for each output channel, words in 8 bits; activations scaled text by text."""
    INT8_FULL = "int8-full"
    """The same with all 8 bits: only CPUs with VNNI compute it without overflow."""
    INT8_STATIC = "int8-static"
    """The same as int8, with scales of activations that were measured beforehand."""
    FP16 = "fp16"
    """Weights in half precision; computing stays in float32."""
    EMBEDDINGS8 = "embeddings8"
    """Words in 8 bits, everything else in float32."""

    @property
    def evens_outliers(self) -> bool:
        """Whether activations are stored in 8 bits too, so that large channels cost precision."""
        return self in (Kind.INT8, Kind.INT8_FULL, Kind.INT8_STATIC)


def store(kind: Kind, source: Path, target: Path, texts: Sequence[str]) -> None:
    """Write the float32 model `source` as `kind`. `texts` calibrate int8-static; tokenizer.json is beside `source`."""
    match kind:
        case Kind.INT8:
            quantize(source, target)
        case Kind.INT8_FULL:
            need_vnni()
            quantize(source, target, reduce_range=False)
        case Kind.INT8_STATIC:
            quantize_static(source, target, texts)
        case Kind.FP16:
            store_halves(source, target)
        case Kind.EMBEDDINGS8:
            quantize(source, target, matrices=False)


def need_vnni() -> None:
    """Raises EncoderError on a CPU that would add products in 16 bits, where full 8-bit weights overflow."""
    facts = CPU_FACTS.read_text("utf-8", "replace") if CPU_FACTS.exists() else ""
    flags = next((line for line in facts.splitlines() if line.startswith("flags")), "").split()
    if not {"avx512_vnni", "avx_vnni"} & set(flags):
        raise EncoderError(
            "This CPU has no VNNI: weights in all 8 bits would overflow on it and give wrong vectors.",
            hint="Use --kind int8, which is right on every CPU.",
        )


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


def quantize_static(source: Path, target: Path, texts: Sequence[str]) -> None:
    """int8 with scales of activations taken from `texts`: their smallest and largest values."""
    import onnx
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType
    from onnxruntime.quantization import quantize_static as write_static

    model = onnx.load(source)
    _say_types(model)
    with advice_off():
        write_static(
            model,
            target,
            _reader(source, texts),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["MatMul", "Gather"],
            nodes_to_exclude=[*other_lookups(model), *_products_of_activations(model)],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )


def _say_types(model: ModelProto) -> None:
    """Note that what goes into and comes out of matrix products is float32: operators of onnxruntime hide it."""
    from onnx import TensorProto, helper

    weights = {tensor.name for tensor in model.graph.initializer}
    known = weights | {value.name for value in (*model.graph.value_info, *model.graph.output)}
    for node in model.graph.node:
        if node.op_type == "MatMul":
            for name in dict.fromkeys((*node.input, *node.output)):
                if name not in known:
                    known.add(name)
                    model.graph.value_info.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))


def _products_of_activations(model: ModelProto) -> list[str]:
    """Matrix products without a weight in them."""
    weights = {tensor.name for tensor in model.graph.initializer}
    return [node.name for node in model.graph.node if node.op_type == "MatMul" and not weights & set(node.input)]


def _reader(source: Path, texts: Sequence[str]) -> Any:
    """The texts as onnxruntime's calibration asks for them: one at a time, as the encoder runs them."""
    import numpy as np
    from onnxruntime.quantization import CalibrationDataReader
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source.parent / TOKENIZER))

    class Texts(CalibrationDataReader):
        def __init__(self, ids: Iterator[list[int]]) -> None:
            self._ids = ids

        def get_next(self) -> dict[str, Any] | None:
            ids = next(self._ids, None)
            return None if ids is None else {"input_ids": np.array([ids], np.int64)}

    return Texts(tokenizer.encode(text).ids[:256] for text in texts[:CALIBRATION])
