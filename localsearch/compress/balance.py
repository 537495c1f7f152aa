"""Even out the inputs of matrix products, so that eight bits suffice for them.

int8 inference gives all activations of a matrix product one scale. In BERT-like encoders a few channels are five
times larger than the rest and take the resolution away from all. Dividing those channels by a factor and multiplying
the weights that read them by the same factor leaves the product as it was (SmoothQuant, Xiao et al., ICML 2023; here
only outliers are touched, because the weights have just seven bits to spend).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from localsearch.compress.architecture import architecture, layers_of, most_tokens

if TYPE_CHECKING:
    from localsearch.compress.weights import Backbone

QUANTILE = 0.99
"""Channels larger than this share of all channels are brought down to it. Measured: docs/decisions/0002."""
LENGTHS = (8, 16, 24, 32, 48, 64, 96, 128, 160, 200, 256)
"""Tokens of the texts that show how large each channel gets."""
SEED = 7


class Balanced(nn.Module):
    """A module that reads its input with the large channels divided by `factors`."""

    def __init__(self, inner: nn.Module, factors: Tensor) -> None:
        super().__init__()
        self.inner = inner
        self.inverse = nn.Parameter(1.0 / factors, requires_grad=False)  # (channels,)

    def forward(self, values: Tensor, *more: Any, **others: Any) -> Any:
        return self.inner(values * self.inverse, *more, **others)


def balance(model: Backbone) -> None:
    """Rewrite `model` in place; what it computes stays the same up to rounding."""
    with torch.no_grad():
        sizes = channel_sizes(model)
        _rescale(model, sizes)


def _rescale(model: Backbone, sizes: Mapping[str, Tensor]) -> None:
    parts = architecture(model)
    for number, layer in enumerate(layers_of(model)):
        readers = [layer.get_submodule(name) for name in parts.readers]
        up, down = layer.get_submodule(parts.up), layer.get_submodule(parts.down)
        attention = layer.get_submodule(parts.attention)
        layer.set_submodule(parts.attention, _balanced(attention, readers, sizes[f"{number}.q_lin"]))
        layer.set_submodule(parts.up, _balanced(up, [up], sizes[f"{number}.lin1"]))
        layer.set_submodule(parts.down, _balanced(down, [down], sizes[f"{number}.lin2"]))


def _balanced(module: nn.Module, readers: Sequence[nn.Linear], sizes: Tensor) -> Balanced:
    factors = (sizes / sizes.quantile(QUANTILE)).clamp(min=1.0)  # (channels,)
    for reader in readers:
        reader.weight.mul_(factors)  # (out, channels)
    return Balanced(module, factors)


def channel_sizes(model: Backbone) -> dict[str, Tensor]:
    """The largest absolute value of each input channel of q_lin, lin1 and lin2, by `layer.name`: (channels,).

    Over seeded texts of random word pieces: outlier channels belong to the model, not to the text.
    """
    sizes: dict[str, Tensor] = {}

    def watch(name: str, module: nn.Linear) -> torch.utils.hooks.RemovableHandle:
        sizes[name] = torch.zeros(module.in_features)

        def note(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            sizes[name] = torch.maximum(sizes[name], inputs[0].abs().amax(dim=(0, 1)))

        return module.register_forward_pre_hook(note)

    parts, handles = architecture(model), []
    for number, layer in enumerate(layers_of(model)):
        for name, path in (("q_lin", parts.readers[0]), ("lin1", parts.up), ("lin2", parts.down)):
            handles.append(watch(f"{number}.{name}", layer.get_submodule(path)))
    generator = torch.Generator().manual_seed(SEED)
    for length in LENGTHS:
        tokens = min(length, most_tokens(model))
        model(torch.randint(model.config.vocab_size, (2, tokens), generator=generator))
    for handle in handles:
        handle.remove()
    return sizes
