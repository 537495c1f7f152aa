"""The card of an encoder: what the model in a folder is, and the proof that its files are the ones described."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from localsearch.errors import EncoderError

CARD = "card.json"
MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
FORMAT = 1
"""Version of the card's own layout."""
LARGEST_CARD = 1 << 20
"""Bytes. A card is a page of text; more is not a card."""

_AGAIN = "Install localsearch again, or take the encoder from its maker again."
ANOTHER = "Choose a folder with card.json, model.onnx and tokenizer.json as docs/encoder.md describes them."


class Pooling(StrEnum):
    """How the vectors of a text's tokens become one."""

    MEAN = "mean"
    CLS = "cls"


@dataclass(frozen=True, slots=True)
class CardFile:
    """One file that belongs to the encoder."""

    name: str
    sha256: str
    """Lower-case hexadecimal."""
    bytes: int


@dataclass(frozen=True, slots=True)
class Card:
    """What running the encoder needs to know. card.json holds more: origin, parity, measured quality."""

    name: str
    dim: int
    """Length of a vector."""
    max_tokens: int
    """Word pieces of one text that are read, special tokens included; the rest is cut off."""
    pooling: Pooling
    normalised: bool
    """Whether the vectors leave the graph with unit length."""
    query_prefix: str
    passage_prefix: str
    projection: str
    """Name of the .npy file (float32, (hidden, dim)) applied after pooling; empty when none, or in the graph."""
    licence: str
    files: tuple[CardFile, ...]
    dtype: str = ""
    """How the weights are stored; empty where the card does not say."""

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits: equal exactly when two encoders give the same vectors for the same texts."""
        decisive = {
            "files": {file.name: file.sha256 for file in self.files if _shapes_vectors(file.name)},
            "dim": self.dim,
            "max_tokens": self.max_tokens,
            "pooling": self.pooling,
            "normalised": self.normalised,
            "prefixes": [self.query_prefix, self.passage_prefix],
            "projection": self.projection,
        }
        return hashlib.blake2b(json.dumps(decisive, sort_keys=True).encode(), digest_size=16).hexdigest()


def _shapes_vectors(name: str) -> bool:
    return name.endswith((".onnx", ".json", ".npy"))


def read_card(folder: Path) -> Card:
    """Read and check `card.json`. Raises EncoderError when it is missing or does not say what it must."""
    return _read(folder)[0]


def read_facts(folder: Path) -> Mapping[str, Any]:
    """All that the card says, for people; what running needs is checked. Raises as `read_card` does."""
    return _read(folder)[1]


def _read(folder: Path) -> tuple[Card, Mapping[str, Any]]:
    path = folder / CARD
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_CARD + 1)
    except OSError as error:
        raise EncoderError(f"No encoder at {folder}: {CARD}: {error.strerror}.", hint=ANOTHER) from None
    try:
        if len(raw) > LARGEST_CARD:
            raise ValueError("it is larger than 1 MiB")
        values = json.loads(raw)
        return _parse(values), values
    except (ValueError, RecursionError) as error:
        reason = str(error).split("\n", 1)[0]
        raise EncoderError(f"The card {path} cannot be used: {reason}.", hint=ANOTHER) from None


def _parse(values: Any) -> Card:
    """Raises ValueError in plain words."""
    if not isinstance(values, dict):
        raise ValueError("it is not a JSON object")
    if values.get("format") != FORMAT:
        raise ValueError(f"its format is {values.get('format')!r}, not {FORMAT}")
    card = Card(
        name=_field(values, "name", str),
        dim=_count(values, "dim", 65_536),
        max_tokens=_count(values, "max_tokens", 65_536),
        pooling=Pooling(_field(values, "pooling", str)),
        normalised=_field(values, "normalised", bool),
        query_prefix=_field(values, "query_prefix", str),
        passage_prefix=_field(values, "passage_prefix", str),
        projection=_field(values, "projection", str) if "projection" in values else "",
        licence=_field(values, "licence", str),
        files=tuple(_parse_file(name, entry) for name, entry in _field(values, "files", dict).items()),
        dtype=str(values.get("dtype", "")),
    )
    listed = {file.name for file in card.files}
    for needed in filter(None, (MODEL, TOKENIZER, card.projection)):
        if needed not in listed:
            raise ValueError(f"it does not list {needed}")
    return card


def _parse_file(name: str, entry: Any) -> CardFile:
    if name in ("", ".", "..", CARD) or "/" in name or "\0" in name:
        raise ValueError(f"{name!r} is not a file name")
    if not isinstance(entry, dict):
        raise ValueError(f"the entry of {name} is not an object")
    sha256 = _field(entry, "sha256", str)
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError(f"the sha256 of {name} is not 64 hexadecimal digits")
    return CardFile(name, sha256, _count(entry, "bytes", 1 << 32))


def _field(values: Mapping[str, Any], key: str, kind: type) -> Any:
    value = values.get(key)
    if not isinstance(value, kind):
        raise ValueError(f"{key} is missing or not a {kind.__name__}")
    return value


def _count(values: Mapping[str, Any], key: str, most: int) -> int:
    value = values.get(key)
    if type(value) is not int or not 1 <= value <= most:
        raise ValueError(f"{key} is not a number from 1 to {most}")
    return value


def verify(folder: Path, card: Card) -> None:
    """Check that the folder holds the card's files and no other. Raises EncoderError."""
    for file in card.files:
        read_verified(folder, card, file.name)
    refuse_strangers(folder, card)


def refuse_strangers(folder: Path, card: Card) -> None:
    """Raise EncoderError when the folder holds a file that the card does not list: nobody vouches for it."""
    known = {CARD, *(file.name for file in card.files)}
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise EncoderError(f"No encoder at {folder}: {error.strerror}.", hint=ANOTHER) from None
    for entry in entries:
        if entry.name not in known:
            raise EncoderError(
                f"The encoder at {folder} holds {entry.name!r}, which its card does not list.",
                hint="Remove the file: nobody vouches for it.",
            )


def read_verified(folder: Path, card: Card, name: str) -> bytes:
    """The bytes of one listed file, read once, so that what was checked is what is used. Raises EncoderError."""
    path = folder / name
    expected = next(file for file in card.files if file.name == name)
    try:
        with path.open("rb") as file:
            content = file.read(expected.bytes + 1)
    except OSError as error:
        raise EncoderError(f"The encoder file {path} cannot be read: {error.strerror}.", hint=_AGAIN) from None
    if hashlib.sha256(content).hexdigest() != expected.sha256:
        raise EncoderError(f"The encoder file {path} is damaged: it differs from its card.", hint=_AGAIN)
    return content
