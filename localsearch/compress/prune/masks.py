"""Single weights set to zero: which ones, and how they are kept at zero while the others learn.

Only the matrices of the layers are pruned; embeddings, biases and norms stay whole. Zeros make the file smaller when
it is compressed and change nothing else: the CPU multiplies with them as with any other number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from localsearch.compress.architecture import linears_of
from localsearch.compress.prune.cuts import Masking, Method, Pattern

if TYPE_CHECKING:
    from torch import Tensor, nn

    from localsearch.compress.weights import Backbone

Norms: TypeAlias = "Mapping[str, Tensor]"
"""Of each matrix's inputs by its full name, (in,), as `norms.input_norms` finds them."""


def zero_weights(model: Backbone, masking: Masking, norms: Norms) -> None:
    """Set the weights that are worth least to zero, in place. `norms` are read for Wanda only."""
    import torch

    with torch.no_grad():
        for name, linear in linears_of(model).items():
            worth = linear.weight.abs()  # (out, in)
            if masking.method is Method.WANDA:
                worth = worth * norms[name]
            linear.weight[worthless(worth, masking)] = 0.0


def worthless(worth: Tensor, masking: Masking) -> Tensor:
    """(out, in), true where `worth` (out, in) is least: exactly the share, in each row for Wanda, else in all."""
    if masking.pattern is Pattern.TWO_OF_FOUR:
        return least_two_of_four(worth)
    groups = worth if masking.method is Method.WANDA else worth.reshape(1, -1)
    return _least(groups, round(groups.shape[1] * masking.share)).reshape(worth.shape)


def least_two_of_four(worth: Tensor) -> Tensor:
    """The same with two of every four inputs of a row. Inputs beyond the last whole four are all kept."""
    import torch

    whole = worth.shape[1] // 4 * 4
    found = torch.zeros_like(worth, dtype=torch.bool)
    found[:, :whole] = _least(worth[:, :whole].reshape(-1, 4), 2).reshape(len(worth), whole)
    return found


def _least(worth: Tensor, count: int) -> Tensor:
    """(groups, members), true for the `count` least of each group; of equals the first ones."""
    import torch

    places = worth.argsort(dim=1, stable=True)[:, :count]
    return torch.zeros_like(worth, dtype=torch.bool).scatter_(1, places, True)


class Zeros:
    """The weights that are zero now and are to stay so."""

    def __init__(self, model: Backbone) -> None:
        self._model = model
        self._kept: list[tuple[nn.Linear, Tensor]] = []
        self.note()

    def note(self) -> None:
        """Take down which weights are zero."""
        self._kept = [(linear, linear.weight.detach() != 0) for linear in linears_of(self._model).values()]

    def hold(self) -> None:
        """Set those weights to zero again."""
        import torch

        with torch.no_grad():
            for linear, kept in self._kept:
                linear.weight.mul_(kept)


def share_after(number: int, rounds: int, share: float) -> float:
    """The share of zeros after round `number` (first is 1) of `rounds` that end with `share`.

    Much at first, little at the end: s (1 - (1 - r/n)^3), Zhu and Gupta (2017).
    """
    return float(share * (1.0 - (1.0 - number / rounds) ** 3))


class Gradual:
    """Called after each step of a training: zeros held, and more of them at the beginning of each round.

    The rounds are spread over the first half of the steps. Which weights are zero already is read off the model, so
    that a training which was interrupted goes on as if it had not been.
    """

    def __init__(self, model: Backbone, masking: Masking, rounds: int, steps: int, norms: Callable[[], Norms]) -> None:
        """`norms` is asked at the beginning of each round."""
        self._model, self._masking, self._norms = model, masking, norms
        self._rounds = rounds
        self._begins = {number * steps // 2 // rounds: number + 1 for number in range(rounds)}
        self.zeros = Zeros(model)

    def __call__(self, step: int) -> None:
        """`step`: how many are done; 0 before the first."""
        self.zeros.hold()
        if (number := self._begins.get(step)) is not None:
            share = share_after(number, self._rounds, self._masking.share)
            zero_weights(self._model, replace(self._masking, share=share), self._norms())
            self.zeros.note()
