"""What is to be taken away from an encoder."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from localsearch.errors import EncoderError


class Method(StrEnum):
    """What a weight's worth is."""

    WANDA = "wanda"
    """Its size times the norm of the input that it reads, compared within its row (Sun et al., ICLR 2024)."""
    MAGNITUDE = "magnitude"
    """Its size, compared within its matrix (Han et al., NeurIPS 2015)."""


class Pattern(StrEnum):
    """Where zeros may be."""

    UNSTRUCTURED = "unstructured"
    TWO_OF_FOUR = "2:4"
    """Two of every four inputs that stand beside each other, in each row (Mishra et al., 2021)."""


@dataclass(frozen=True, slots=True)
class Masking:
    """Which weights become zero."""

    share: float
    """Of each matrix, above 0 and below 1; half for 2:4."""
    method: Method = Method.WANDA
    pattern: Pattern = Pattern.UNSTRUCTURED


@dataclass(frozen=True, slots=True)
class Cuts:
    """All of it, done in this order: words, layers, heads, neurons, single weights."""

    vocabulary: int = 0
    """Word pieces kept; 0 keeps all."""
    layers: int = 0
    """How many go."""
    heads: float = 0.0
    """Share of each layer's attention heads that goes; from 1 on how many."""
    neurons: float = 0.0
    """Share of each layer's feed-forward neurons that goes."""
    masking: Masking | None = None
    rounds: int = 1
    """In how many steps single weights become zero, while the others learn."""

    def check(self, recover: int) -> None:
        """Raises EncoderError, in one line, for what cannot be; `recover`: steps of the training afterwards."""
        if self == Cuts():
            raise EncoderError(
                "There is nothing to take away.",
                hint="Say what: --sparsity, --ffn, --heads, --drop-layers or --vocabulary.",
            )
        _demand(min(self.layers, self.vocabulary, recover) >= 0, "A number cannot be below 0")
        _demand(0 <= self.neurons < 1, f"--ffn is a share from 0 to below 1, not {self.neurons:g}")
        whole = 0 <= self.heads < 1 or float(self.heads).is_integer()
        _demand(self.heads >= 0 and whole, f"--heads is a share below 1 or a whole number, not {self.heads:g}")
        _demand(self.rounds >= 1, f"--rounds is at least 1, not {self.rounds}")
        if self.masking is None:
            _demand(self.rounds == 1, "--rounds needs --sparsity")
            return
        share, fixed = self.masking.share, self.masking.pattern is Pattern.TWO_OF_FOUR
        _demand(0 < share < 1, f"--sparsity is a share above 0 and below 1, not {share:g}")
        _demand(not fixed or share == 0.5, f"--pattern 2:4 sets half of the weights to zero, not {share:g}")
        _demand(not fixed or self.rounds == 1, "--pattern 2:4 has one round")
        _demand(self.rounds == 1 or recover > 0, "--rounds needs training in between: --recover STEPS")


def _demand(condition: bool, complaint: str) -> None:
    if not condition:
        raise EncoderError(f"{complaint}.")
