"""What does a smaller version of an encoder cost, and is that allowed?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localsearch.compress.measure import DIVERSE, Agreement, Encoded, agreement, encode_set
from localsearch.errors import EncoderError

if TYPE_CHECKING:
    from localsearch.encoder.onnx import Encoder
    from localsearch.evaluate import Dataset

Tell = Callable[[str], None]

LEAST_MEAN_COSINE = 0.97
"""Between the two versions' vectors of the same text, where there is no collection to rank."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A smaller version against the exact one."""

    ranking: Mapping[str, tuple[float, float]]
    """Dense nDCG@10 of the exact and of the smaller one by collection; empty when there was none to rank."""
    agreement: Agreement

    @property
    def loss(self) -> float:
        """The largest fall of nDCG@10 on any collection; below 0 when it rose on all."""
        return max((exact - small for exact, small in self.ranking.values()), default=0.0)

    def facts(self, dtype: str) -> dict[str, Any]:
        """For the card."""
        quality = {
            name: {"float32": round(exact, 4), dtype: round(small, 4)} for name, (exact, small) in self.ranking.items()
        }
        parity = {
            "texts": self.agreement.texts,
            "mean_cosine": round(self.agreement.mean, 5),
            "least_cosine": round(self.agreement.least, 5),
        }
        return {
            "parity": {f"{dtype}_to_float32": parity},
            **({"quality": {"dense ndcg@10": quality}} if quality else {}),
        }


def judge(
    exact: Encoder,
    small: Encoder,
    sets: Mapping[str, Dataset],
    tell: Tell,
    names: tuple[str, str] = ("float32", "smaller"),
) -> Verdict:
    """Encode every collection with both; without a collection, the texts of many scripts and kinds in `measure`.

    `names`: what the two are called to `tell`.
    """
    ranking: dict[str, tuple[float, float]] = {}
    ours: dict[str, Encoded] = {}
    theirs: dict[str, Encoded] = {}
    for name, data in sets.items():
        tell(f"{name}: {len(data.documents):,} documents, both versions")
        theirs[name], ours[name] = encode_set(exact, data), encode_set(small, data)
        ranking[name] = (theirs[name].ndcg10, ours[name].ndcg10)
        tell(f"{name}: dense nDCG@10 {ranking[name][0]:.4f} {names[0]}, {ranking[name][1]:.4f} {names[1]}")
    if not sets:
        theirs["texts"], ours["texts"] = (_encoded(encoder) for encoder in (exact, small))
    alike = agreement(ours, theirs)
    tell(f"cosine between the two {alike.mean:.4f} on average, {alike.least:.4f} at least")
    return Verdict(ranking, alike)


def _encoded(encoder: Encoder) -> Encoded:
    vectors = encoder.encode_passages(DIVERSE)
    return Encoded(vectors, vectors[:0], 0.0)


def demand(verdict: Verdict, max_loss: float, *, hint: str) -> None:
    """Raises EncoderError when the smaller version costs more than `max_loss` of nDCG@10 on any collection."""
    if verdict.ranking and verdict.loss > max_loss:
        name, (exact, small) = max(verdict.ranking.items(), key=lambda one: one[1][0] - one[1][1])
        raise EncoderError(
            f"The smaller encoder is not kept: nDCG@10 on {name} falls from {exact:.4f} to {small:.4f},"
            f" more than {max_loss:g}.",
            hint=hint,
        )
    if not verdict.ranking and verdict.agreement.mean < LEAST_MEAN_COSINE:
        raise EncoderError(
            f"The smaller encoder is not kept: its vectors have a cosine of {verdict.agreement.mean:.3f} on average"
            f" with those of the exact one, less than {LEAST_MEAN_COSINE:g}.",
            hint=hint,
        )
