"""Is the encoder in a folder what its card says, and does it behave as an encoder must?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.encoder.card import read_card, read_facts, verify
from localsearch.encoder.onnx import Encoder
from localsearch.errors import EncoderError

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix

CLOSE = 2e-2
"""Largest difference to a canonical value: CPUs round int8 differently."""
TEXTS = (
    "",
    "a",
    "The notice period is three months.",
    "Die K\u00fcndigungsfrist, \u5408\u540c, \U0001f44d",
    "word " * 2_000,
)
"""Nothing, little, much, and several scripts."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at and found right."""

    what: str
    found: str


def check(folder: Path) -> Iterator[Check]:
    """Each check that passes, in order. Raises EncoderError at the first that does not."""
    import numpy as np

    card, facts = read_card(folder), read_facts(folder)
    verify(folder, card)
    yield Check("files", f"{len(card.files)}, each with the SHA-256 on the card, and no other")
    encoder = Encoder.load(folder, threads=1)
    yield Check("model", f"loads, one file, {sum(file.bytes for file in card.files):,} bytes with all others")
    if canonical := _canonical(facts):
        text, values = canonical
        difference = float(np.abs(encoder.encode_query(text)[: len(values)] - np.array(values, np.float32)).max())
        _demand(difference <= CLOSE, folder, f"its canonical vector differs from the card by {difference:.3f}")
        yield Check("canonical", f"the vector on the card, within {difference:.4f}")
    vectors = encoder.encode_passages(TEXTS)
    lengths = np.linalg.norm(vectors, axis=1)
    _demand(bool(np.isfinite(vectors).all()), folder, "it gives numbers that are not finite")
    _demand(bool((np.abs(lengths - 1.0) < 1e-3).all()), folder, "its vectors are not of unit length")
    yield Check("vectors", f"{card.dim} finite numbers of unit length, for an empty text and a long one too")
    _demand(_equal(encoder.encode_passages(TEXTS[::-1])[::-1], vectors), folder, "a vector depends on other texts")
    yield Check("repeated", "the same text gives the same vector in any company")


def _canonical(facts: Mapping[str, Any]) -> tuple[str, list[float]] | None:
    """The card's sentence and the first values of its vector; None when it shows none."""
    match facts.get("canonical"):
        case {"text": str(text), "first_values": [float(), *_] as values} if all(
            isinstance(value, float) for value in values
        ):
            return text, values
        case _:
            return None


def _equal(one: Float32Matrix, other: Float32Matrix) -> bool:
    import numpy as np

    return bool(np.array_equal(one, other))


def _demand(condition: bool, folder: Path, complaint: str) -> None:
    if not condition:
        raise EncoderError(f"The encoder at {folder} is not usable: {complaint}.", hint="Take or make it again.")
