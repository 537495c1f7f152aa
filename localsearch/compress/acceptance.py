"""What does a smaller version of an encoder cost, and is that allowed?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localsearch.compress.bootstrap import LEAST_QUERIES, Interval, difference
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
    losses: Mapping[str, Interval] = field(default_factory=dict)
    """How far nDCG@10 falls by collection, and may fall on other queries; below 0 where it rises."""

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
    losses: dict[str, Interval] = {}
    ours: dict[str, Encoded] = {}
    theirs: dict[str, Encoded] = {}
    for name, data in sets.items():
        tell(f"{name}: {len(data.documents):,} documents, both versions")
        theirs[name], ours[name] = encode_set(exact, data), encode_set(small, data)
        ranking[name] = (theirs[name].ndcg10, ours[name].ndcg10)
        losses[name] = loss = difference([theirs[name].scores], [ours[name].scores])
        told = f"between {-loss.high:+.4f} and {-loss.low:+.4f}" if loss.tells else "which is too few to tell"
        tell(
            f"{name}: dense nDCG@10 {ranking[name][0]:.4f} {names[0]}, {ranking[name][1]:.4f} {names[1]};"
            f" {loss.queries:,} queries, {told}"
        )
    if not sets:
        theirs["texts"], ours["texts"] = (_encoded(encoder) for encoder in (exact, small))
    alike = agreement(ours, theirs)
    tell(f"cosine between the two {alike.mean:.4f} on average, {alike.least:.4f} at least")
    return Verdict(ranking, alike, losses)


def _encoded(encoder: Encoder) -> Encoded:
    vectors = encoder.encode_passages(DIVERSE)
    return Encoded(vectors, vectors[:0], ())


def demand(verdict: Verdict, max_loss: float, *, hint: str) -> None:
    """Refuse what may cost more than `max_loss` of nDCG@10 on any collection, also where the queries cannot tell.

    Collections with few queries refuse what falls by more, but accept nothing: where there are no others, the vectors
    must agree. Raises EncoderError.
    """
    for name, loss in verdict.losses.items():
        exact, small = verdict.ranking[name]
        if loss.value > max_loss:
            raise _refused(f"nDCG@10 on {name} falls from {exact:.4f} to {small:.4f}, more than {max_loss:g}", hint)
        if loss.tells and loss.high > max_loss:
            reason = f"{loss.queries:,} queries cannot tell whether nDCG@10 on {name} falls by more than {max_loss:g}"
            raise _refused(f"{reason} (by {loss.value:.4f} here, perhaps by {loss.high:.4f})", hint)
    told = any(loss.tells for loss in verdict.losses.values())
    if not told and max_loss < 1.0 and verdict.agreement.mean < LEAST_MEAN_COSINE:
        few = f", and fewer than {LEAST_QUERIES} queries cannot tell what that costs" if verdict.losses else ""
        raise _refused(
            f"its vectors have a cosine of {verdict.agreement.mean:.3f} on average with those of the exact one,"
            f" less than {LEAST_MEAN_COSINE:g}{few}",
            hint,
        )


def _refused(reason: str, hint: str) -> EncoderError:
    return EncoderError(f"The smaller encoder is not kept: {reason}.", hint=hint)
