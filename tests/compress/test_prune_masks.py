"""Single weights set to zero: how many, which ones, and that they stay so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localsearch.compress.prune.cuts import Cuts, Masking, Method, Pattern
from localsearch.compress.prune.masks import Gradual, Zeros, share_after, zero_weights
from localsearch.errors import EncoderError
from tests.compress.test_distill import one_thread
from tests.compress.test_prune_structured import Make, distilbert, layer_parts, mpnet, texts

if TYPE_CHECKING:
    from torch import Tensor

    from localsearch.compress.weights import TorchEncoder

__all__ = ["one_thread"]

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]


def matrices(encoder: TorchEncoder) -> dict[str, Tensor]:
    from localsearch.compress.architecture import linears_of

    return {name: linear.weight.detach() for name, linear in linears_of(encoder.model).items()}


def norms_of(encoder: TorchEncoder) -> dict[str, Tensor]:
    from localsearch.compress.norms import input_norms

    return input_norms(encoder.model, texts())


@pytest.mark.parametrize("make", [distilbert, mpnet])
@pytest.mark.parametrize("share", [0.5, 0.3])
def test_wanda_zeroes_the_share_of_every_row(make: Make, share: float) -> None:
    encoder = make()
    untouched = {name: value.clone() for name, value in encoder.model.state_dict().items()}
    zero_weights(encoder.model, Masking(share), norms_of(encoder))
    for name, weights in matrices(encoder).items():
        assert set((weights == 0).sum(dim=1).tolist()) == {round(weights.shape[1] * share)}, name
        del untouched[f"{name}.weight"]
    left = encoder.model.state_dict()
    assert all((left[name] == value).all() for name, value in untouched.items()), "embeddings, norms and biases stay"


def test_magnitude_zeroes_the_share_of_every_matrix() -> None:
    encoder = distilbert()
    before = {name: weights.clone() for name, weights in matrices(encoder).items()}
    zero_weights(encoder.model, Masking(0.4, Method.MAGNITUDE), {})
    for name, weights in matrices(encoder).items():
        gone = weights == 0
        assert int(gone.sum()) == round(weights.numel() * 0.4)
        assert before[name][gone].abs().max() <= before[name][~gone].abs().min()
        assert (weights[~gone] == before[name][~gone]).all()


@pytest.mark.parametrize("method", list(Method))
def test_two_of_every_four(method: Method) -> None:
    encoder = distilbert()
    zero_weights(encoder.model, Masking(0.5, method, Pattern.TWO_OF_FOUR), norms_of(encoder))
    for weights in matrices(encoder).values():
        assert ((weights == 0).reshape(-1, 4).sum(dim=1) == 2).all()


def test_inputs_beyond_the_last_four_are_kept() -> None:
    import torch

    from localsearch.compress.prune.masks import least_two_of_four

    found = least_two_of_four(torch.tensor([[4.0, 3.0, 2.0, 1.0, 0.1, 0.2]]))
    assert found.tolist() == [[False, False, True, True, False, False]]


def test_wanda_keeps_what_matters_where_magnitude_errs() -> None:
    """Small weights that read strong inputs matter more than large ones that read nothing."""
    import torch

    from localsearch.compress.prune.calibrate import vectors

    def made() -> TorchEncoder:
        encoder = distilbert()
        with torch.no_grad():
            for number in range(3):
                up, down = layer_parts(encoder, number, "up", "down")
                up.weight[::2] = 0.0
                up.bias[::2] = 1e-8  # half of the neurons are all but silent ...
                down.weight[:, ::2] *= 10.0  # ... and their readers large
        return encoder

    whole = vectors(made(), texts())
    likeness = {}
    for method in Method:
        encoder = made()
        zero_weights(encoder.model, Masking(0.5, method), norms_of(encoder))
        down = layer_parts(encoder, 0, "down")[0].weight
        assert (down[:, ::2] == 0).all() == (method is Method.WANDA)
        likeness[method] = float((vectors(encoder, texts()) * whole).sum(dim=1).mean())
    assert likeness[Method.WANDA] > likeness[Method.MAGNITUDE] + 0.05


def test_zeros_are_held() -> None:
    import torch

    encoder = distilbert()
    zero_weights(encoder.model, Masking(0.5, Method.MAGNITUDE), {})
    zeros = Zeros(encoder.model)
    before = {name: weights == 0 for name, weights in matrices(encoder).items()}
    with torch.no_grad():
        for weights in matrices(encoder).values():
            weights.add_(0.5)
    zeros.hold()
    for name, weights in matrices(encoder).items():
        assert ((weights == 0) == before[name]).all()


def test_rounds_follow_the_cubic_schedule_and_end_in_the_first_half() -> None:
    encoder = distilbert()
    masking = Masking(0.8, Method.MAGNITUDE)
    gradual = Gradual(encoder.model, masking, 4, 40, dict)
    seen = []
    for step in range(41):
        gradual(step)
        weights = matrices(encoder)["transformer.layer.0.ffn.lin1"]
        seen.append(float((weights == 0).float().mean()))
    expected = [0.8 * (1 - (1 - number / 4) ** 3) for number in range(1, 5)]
    assert [share_after(number, 4, 0.8) for number in range(1, 5)] == pytest.approx(expected)
    assert seen[0:20:5] == pytest.approx(expected, abs=1e-3)
    assert seen[4] == seen[0] and seen[15] == seen[40] == pytest.approx(0.8, abs=1e-3)


def test_few_steps_still_reach_the_share() -> None:
    encoder = distilbert()
    gradual = Gradual(encoder.model, Masking(0.8, Method.MAGNITUDE), 5, 2, dict)
    for step in range(3):
        gradual(step)
    assert float((matrices(encoder)["transformer.layer.0.ffn.lin1"] == 0).float().mean()) == pytest.approx(
        0.8, abs=1e-3
    )


@pytest.mark.parametrize(
    ("cuts", "recover", "message"),
    [
        (Cuts(), 0, "nothing to take away"),
        (Cuts(), 100, "nothing to take away"),
        (Cuts(masking=Masking(1.0)), 0, "--sparsity is a share above 0 and below 1, not 1"),
        (Cuts(masking=Masking(0.0)), 0, "--sparsity"),
        (Cuts(masking=Masking(float("nan"))), 0, "--sparsity"),
        (Cuts(masking=Masking(0.4, pattern=Pattern.TWO_OF_FOUR)), 0, "half of the weights to zero, not 0.4"),
        (Cuts(masking=Masking(0.5, pattern=Pattern.TWO_OF_FOUR), rounds=2), 9, "2:4 has one round"),
        (Cuts(masking=Masking(0.5), rounds=2), 0, "--recover STEPS"),
        (Cuts(neurons=0.5, rounds=2), 9, "--rounds needs --sparsity"),
        (Cuts(neurons=0.5, rounds=0), 9, "--rounds is at least 1"),
        (Cuts(neurons=1.0), 0, "--ffn is a share"),
        (Cuts(heads=1.5), 0, "--heads is a share below 1 or a whole number, not 1.5"),
        (Cuts(heads=-1), 0, "--heads"),
        (Cuts(heads=float("inf")), 0, "--heads"),
        (Cuts(layers=-1), 0, "below 0"),
        (Cuts(neurons=0.5), -1, "below 0"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(cuts: Cuts, recover: int, message: str) -> None:
    with pytest.raises(EncoderError, match=message) as raised:
        cuts.check(recover)
    assert "\n" not in raised.value.message
