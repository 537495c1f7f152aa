"""From the vectors of a text's tokens to one unit vector, for graphs that do not do it themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.encoder.card import ANOTHER, Card, Pooling, read_verified
from localsearch.errors import EncoderError

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix, Float32Vector

TOKEN_OUTPUTS = ("token_embeddings", "last_hidden_state")
"""Names that exporters give to the vectors of the tokens."""


@dataclass(frozen=True, slots=True)
class Head:
    """The steps after the graph, as the card describes them."""

    output: str
    """The graph's output to read: (1, tokens, hidden)."""
    pooling: Pooling
    projection: Float32Matrix | None
    """(hidden, dim), or None when the pooled vector is the result."""

    def __call__(self, hidden: Float32Matrix) -> Float32Vector:
        """(tokens, hidden) -> (dim,), unit length. There is no padding: every row is a token."""
        pooled: Float32Vector = hidden[0] if self.pooling is Pooling.CLS else hidden.mean(axis=0)
        return unit(pooled if self.projection is None else pooled @ self.projection)


def unit(vector: Float32Vector) -> Float32Vector:
    """The vector at length 1; a zero vector stays zero."""
    import numpy as np

    length = np.linalg.norm(vector)
    scaled: Float32Vector = (vector / length if length > 0 else vector).astype(np.float32, copy=False)
    return scaled


def load_head(folder: Path, card: Card, outputs: Mapping[str, Sequence[int | str | None]]) -> Head:
    """The head for a graph with these outputs and shapes. Raises EncoderError when it gives no token vectors."""
    output = next((name for name in TOKEN_OUTPUTS if name in outputs), None)
    if output is None:
        raise EncoderError(
            f"The model at {folder} gives {', '.join(outputs)}: none of these is a vector per text or token.",
            hint="Export it with the output sentence_embedding, or token_embeddings.",
        )
    projection = load_projection(folder, card) if card.projection else None
    check_width(outputs[output][-1] if projection is None else projection.shape[1], folder, card)
    return Head(output, card.pooling, projection)


def check_width(width: int | str | None, folder: Path, card: Card) -> None:
    """Raise EncoderError when the graph says how long its vectors are (an int) and the card says otherwise."""
    if isinstance(width, int) and width != card.dim:
        raise EncoderError(f"The model at {folder} gives {width} numbers, its card says {card.dim}.", hint=ANOTHER)


def load_projection(folder: Path, card: Card) -> Float32Matrix:
    """The card's projection, (hidden, dim). Raises EncoderError when the file holds anything else."""
    import numpy as np

    content = read_verified(folder, card, card.projection)
    try:
        matrix = np.load(BytesIO(content), allow_pickle=False)
    except ValueError as error:
        reason = str(error).split("\n", 1)[0]
        raise EncoderError(
            f"The projection {folder / card.projection} cannot be read: {reason}", hint=ANOTHER
        ) from None
    if not isinstance(matrix, np.ndarray) or matrix.ndim != 2 or matrix.dtype != np.float32:
        raise EncoderError(f"The projection {folder / card.projection} is not a float32 matrix.", hint=ANOTHER)
    return matrix
