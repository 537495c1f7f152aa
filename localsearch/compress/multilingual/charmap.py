"""A map of characters in the form that SentencePiece keeps it and `tokenizers` applies it (`Precompiled`).

Four bytes with the size of a trie, the trie, and the replacements, each closed by a zero byte. The trie is a double
array (Aoe 1989, as darts-clone lays it out): 32-bit units; from the unit of a prefix, the unit of the prefix with one
byte more is found at `place ^ offset ^ byte`, and is the right one when its label is that byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HAS_LEAF = 1 << 8
_IS_LEAF = 1 << 31
_OFFSET_SHIFT = 10
_BYTES = 256


def precompiled(characters: Mapping[str, str]) -> bytes:
    """The map in SentencePiece's form. No key may hold a zero byte, and no replacement either."""
    replacements = sorted(set(characters.values()))
    places, at = {}, 0
    for replacement in replacements:
        places[replacement] = at
        at += len(replacement.encode()) + 1
    units = double_array({key.encode(): places[value] for key, value in characters.items()})
    joined = b"".join(replacement.encode() + b"\0" for replacement in replacements)
    return units.nbytes.to_bytes(4, "little") + units.tobytes() + joined


def double_array(values: Mapping[bytes, int]) -> NDArray[np.uint32]:
    """The trie of these keys, which end in a value below 2**31 each."""
    root = _Node()
    for key, value in values.items():
        node = root
        for byte in key:
            node = node.children.setdefault(byte, _Node())
        node.value = value
    return _Layout().laid_out(root)


@dataclass(slots=True)
class _Node:
    """Of the trie: a prefix of keys."""

    children: dict[int, _Node] = field(default_factory=dict)
    """By the byte that follows; never 0."""
    value: int | None = None
    """Of the key that ends here."""

    @property
    def labels(self) -> list[int]:
        """Of the units below this one; the value stands at 0."""
        return [*self.children, *([] if self.value is None else [0])]


class _Layout:
    """Finds a place for every unit.

    The children of one unit share a block of 256, so no search leaves the array; and no two units share a base, so no
    search finds the child of another unit under its own label.
    """

    def __init__(self) -> None:
        self._units: list[int | None] = [0] + [None] * (_BYTES - 1)
        self._first = 1
        """No unit below is free."""
        self._bases: set[int] = set()

    def laid_out(self, root: _Node) -> NDArray[np.uint32]:
        waiting = [(0, 0, root)]
        while waiting:
            place, unit, node = waiting.pop()
            base = self._base(node.labels)
            self._units[place] = unit | (place ^ base) << _OFFSET_SHIFT
            if node.value is not None:
                self._units[base] = node.value | _IS_LEAF
            for byte, child in node.children.items():
                self._units[base ^ byte] = label = byte | (0 if child.value is None else _HAS_LEAF)
                waiting.append((base ^ byte, label, child))
        return np.array([unit or 0 for unit in self._units], dtype="<u4")

    def _base(self, labels: list[int]) -> int:
        """The first number that is no other unit's and whose XOR with each label is a free place."""
        while not self._is_free(self._first):
            self._first += 1
        at = self._first
        while not self._fits(at ^ labels[0], labels):
            at += 1
        self._bases.add(at ^ labels[0])
        return at ^ labels[0]

    def _fits(self, base: int, labels: list[int]) -> bool:
        return base not in self._bases and all(self._is_free(base ^ label) for label in labels)

    def _is_free(self, place: int) -> bool:
        while place >= len(self._units):
            self._units += [None] * _BYTES
        return self._units[place] is None
