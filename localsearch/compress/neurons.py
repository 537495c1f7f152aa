"""Feed-forward neurons removed: smaller matrices, so fewer bytes and less time on every CPU.

A neuron is judged by what it sends on: how strong it is on the text at hand, times how strongly the matrix behind it
reads it. That is Wanda's measure of a weight (Sun et al., ICLR 2024), taken over all weights that leave the neuron.
What is left takes over from what is gone: the matrix behind is fitted by least squares to what it gave before.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from localsearch.compress.architecture import architecture, layers_of
from localsearch.compress.norms import watched
from localsearch.compress.shapes import keep_rows, set_weights

if TYPE_CHECKING:
    from localsearch.compress.weights import Backbone

RIDGE = 0.01
"""How strongly the fitted matrix is drawn to its old weights, as a share of the mean square of its inputs."""


def remove_neurons(model: Backbone, share: float, rows: Sequence[Tensor]) -> None:
    """Remove this share, from 0 to below 1, of each layer's feed-forward neurons; one is always left.

    Layer after layer, so that each makes up for the layers before it too. `rows`: word pieces of the texts that show
    what is used, (texts, tokens) each, without padding.
    """
    if not share:
        return
    parts, whole = architecture(model), copy.deepcopy(model)
    with torch.no_grad():
        for layer, old in zip(layers_of(model), layers_of(whole), strict=True):
            up, down = layer.get_submodule(parts.up), layer.get_submodule(parts.down)
            inputs, outputs = _moments((model, down), (whole, old.get_submodule(parts.down)), rows)
            scores = inputs.diagonal()[:-1].sqrt() * down.weight.norm(dim=0)  # (neurons,)
            kept = strongest(scores, max(1, round(len(scores) * (1.0 - share))))
            weight, bias = _fitted(down, kept, inputs, outputs)
            keep_rows(up, kept)
            set_weights(down, weight, bias)


def _moments(
    now: tuple[Backbone, nn.Linear], before: tuple[Backbone, nn.Linear], rows: Sequence[Tensor]
) -> tuple[Tensor, Tensor]:
    """Of the inputs x of the matrix `now`, with a 1 behind them, and the outputs y of the same matrix `before`.

    Sums over all tokens, in float64: x x^T (neurons + 1, neurons + 1) and x y^T (neurons + 1, D).
    """
    (model, down), (whole, old) = now, before
    seen: dict[str, Tensor] = {}
    size = down.in_features + 1
    inputs = torch.zeros(size, size, dtype=torch.float64)
    outputs = torch.zeros(size, down.out_features, dtype=torch.float64)
    with watched({"now": down}, seen.__setitem__), watched({"before": old}, seen.__setitem__):
        for row in rows:
            model(row)
            whole(row)
            x = nn.functional.pad(seen["now"].flatten(0, -2), (0, 1), value=1.0)  # (tokens, neurons + 1)
            y = old(seen["before"]).flatten(0, -2)  # (tokens, D)
            inputs += (x.T @ x).double()
            outputs += (x.T @ y).double()
    return inputs, outputs


def _fitted(down: nn.Linear, kept: Tensor, inputs: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
    """Weights (D, kept) and bias (D,) with which the neurons `kept` give what all gave, as near as can be.

    Ridge regression of the change: (x x^T + r I) change = x y^T - x x^T old.
    """
    rows = torch.cat([kept, torch.tensor([len(inputs) - 1])])  # the bias as well
    old = torch.cat([down.weight[:, kept], down.bias[:, None]], dim=1).T.double()  # (kept + 1, D)
    square = inputs[rows][:, rows]  # (kept + 1, kept + 1)
    ridge = RIDGE * square.diagonal()[:-1].mean().clamp(min=1e-12)
    change = torch.linalg.solve(
        square + ridge * torch.eye(len(rows), dtype=torch.float64), outputs[rows] - square @ old
    )
    fitted = (old + change).T.to(down.weight.dtype)
    return fitted[:, :-1], fitted[:, -1]


def strongest(scores: Tensor, count: int) -> Tensor:
    """(count,): the places of the highest scores, in their old order."""
    return scores.argsort(descending=True, stable=True)[:count].sort().values
