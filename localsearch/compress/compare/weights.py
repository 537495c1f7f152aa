"""How many numbers a model holds, read from the ONNX file itself.

Only the few fields that answer this are read, so that comparing needs no further library. Field numbers are those of
onnx.proto3: ModelProto.graph 7, GraphProto.initializer 5, TensorProto dims 1, data_type 2, name 8, raw_data 9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

GRAPH, INITIALIZER = 7, 5
DIMS, DATA_TYPE, NAME, RAW_DATA = 1, 2, 8, 9
FLOAT, UINT8, INT8, FLOAT16, DOUBLE, BFLOAT16, UINT4, INT4 = 1, 2, 3, 10, 11, 16, 21, 22
WEIGHTS = {FLOAT, UINT8, INT8, FLOAT16, DOUBLE, BFLOAT16, UINT4, INT4}
"""Types of tensors that hold what was learned; the others hold shapes and positions."""
BYTES = {FLOAT: 4, INT8: 1, FLOAT16: 2, BFLOAT16: 2}
"""Of one number, for the types in which a pruned weight is zero in every byte."""
AIDS = ("_scale", "_zero_point")
"""Endings of tensors that quantisation adds: how to read others, not weights themselves."""

VARINT, EIGHT, BLOCK, FOUR = 0, 1, 2, 5
"""Wire types of protobuf."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What the initialisers of a graph add up to."""

    parameters: int
    """Numbers that were learned."""
    zeros: int
    """How many of those are zero. Unsigned integers have no fixed zero and count as none."""


def count_weights(model: bytes) -> Weights:
    """Of a single-file ONNX model. Raises ValueError when the bytes are none."""
    parameters = zeros = 0
    for graph in blocks(memoryview(model), GRAPH):
        for tensor in blocks(graph, INITIALIZER):
            count, empty = _tensor(tensor)
            parameters += count
            zeros += empty
    return Weights(parameters, zeros)


def _tensor(tensor: memoryview) -> tuple[int, int]:
    """Numbers of one tensor and how many are zero; (0, 0) when it holds no weights."""
    shape: list[int] = []
    kind, name, raw = 0, "", memoryview(b"")
    for number, value in fields(tensor):
        if number == DIMS:
            shape += list(_varints(value)) if isinstance(value, memoryview) else [value]
        elif number == DATA_TYPE and isinstance(value, int):
            kind = value
        elif number == NAME and isinstance(value, memoryview):
            name = bytes(value).decode("utf-8", "replace")
        elif number == RAW_DATA and isinstance(value, memoryview):
            raw = value
    if kind not in WEIGHTS or name.endswith(AIDS):
        return 0, 0
    return prod(shape), _zeros(raw, kind)


def _zeros(raw: memoryview, kind: int) -> int:
    import numpy as np

    if kind not in BYTES:
        return 0
    numbers = np.frombuffer(raw, f"u{BYTES[kind]}")
    negative = 1 << (8 * BYTES[kind] - 1)  # floats have a second zero: its sign bit alone
    is_float = kind != INT8
    return int((numbers == 0).sum() + ((numbers == negative).sum() if is_float else 0))


# Protobuf, as far as it is needed


def blocks(message: memoryview, wanted: int) -> Iterator[memoryview]:
    """The fields with this number that hold messages."""
    for number, value in fields(message):
        if number == wanted and isinstance(value, memoryview):
            yield value


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field: an integer, or the bytes of a block. Raises ValueError on anything else."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, place = _varint(message, place)
            yield number, value
            continue
        if wire == BLOCK:
            size, place = _varint(message, place)
        elif wire in (EIGHT, FOUR):
            size = 8 if wire == EIGHT else 4
        else:
            raise ValueError("it is not an ONNX model")
        if place + size > len(message):
            raise ValueError("it is cut short")
        yield number, message[place : place + size]
        place += size


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """The number that begins at `place`, and where it ends: seven bits a byte, the lowest first."""
    value = shift = 0
    while place < len(message) and shift < 64:
        byte = message[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
    raise ValueError("it is cut short")


def _varints(packed: memoryview) -> Iterator[int]:
    place = 0
    while place < len(packed):
        value, place = _varint(packed, place)
        yield value
