"""Parts removed from an encoder: what did nothing is not missed, and the new shapes are kept and exported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localsearch.encoder.card import Pooling
from localsearch.errors import EncoderError
from tests.compress.origins import SMALL, WORDS
from tests.compress.test_distill import one_thread
from tests.compress.test_weights import folder_of

if TYPE_CHECKING:
    from torch import Tensor, nn

    from localsearch.compress.weights import TorchEncoder

__all__ = ["one_thread"]

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]

Make = Callable[..., "TorchEncoder"]


def distilbert(layers: int = 3) -> TorchEncoder:
    from transformers import DistilBertConfig, DistilBertModel

    from localsearch.compress.weights import TorchEncoder

    config = DistilBertConfig(
        vocab_size=WORDS, max_position_embeddings=64, n_layers=layers, n_heads=4, dim=32, hidden_dim=48
    )
    return strong(TorchEncoder(DistilBertModel._from_config(config, attn_implementation="eager").eval()))


def mpnet() -> TorchEncoder:
    from transformers import MPNetConfig, MPNetModel

    from localsearch.compress.weights import TorchEncoder

    return strong(TorchEncoder(MPNetModel(MPNetConfig(**SMALL), add_pooling_layer=False).eval(), Pooling.CLS))


def strong(encoder: TorchEncoder) -> TorchEncoder:
    """The same with weights and biases large enough for each part to matter."""
    import torch

    torch.manual_seed(17)
    with torch.no_grad():
        for weights in encoder.model.parameters():
            weights.mul_(2.0).add_(torch.randn_like(weights) * 0.1)
    return encoder


def texts() -> list[Tensor]:
    """Word pieces of a few texts: (1, tokens) each."""
    import torch

    generator = torch.Generator().manual_seed(5)
    return [torch.randint(5, WORDS, (1, tokens), generator=generator) for tokens in (4, 9, 17, 30, 6, 12)]


def layer_parts(encoder: TorchEncoder, number: int, *names: str) -> list[nn.Linear]:
    from localsearch.compress.architecture import architecture, layers_of

    layer, parts = layers_of(encoder.model)[number], architecture(encoder.model)
    return [layer.get_submodule(getattr(parts, name)) for name in names]


@pytest.mark.parametrize("make", [distilbert, mpnet])
def test_neurons_that_send_nothing_are_the_ones_removed(make: Make) -> None:
    import torch

    from localsearch.compress.neurons import remove_neurons
    from localsearch.compress.prune.calibrate import vectors
    from localsearch.compress.shapes import widths_of

    encoder = make()
    dead = torch.tensor([0, 3, 4, 11, 20, 47, 30, 31, 32, 33, 2, 9])
    with torch.no_grad():
        for number in range(encoder.model.config.num_hidden_layers):
            up, down = layer_parts(encoder, number, "up", "down")
            up.weight[dead[:6]] = 0.0  # silent: GELU(0) = 0
            up.bias[dead[:6]] = 0.0
            down.weight[:, dead[6:]] = 0.0  # nobody listens
    before = vectors(encoder, texts())
    remove_neurons(encoder.model, 0.25, texts())
    assert set(widths_of(encoder.model)) == {36}
    torch.testing.assert_close(vectors(encoder, texts()), before, atol=1e-5, rtol=0)
    remove_neurons(encoder.model, 0.25, texts())
    assert float((vectors(encoder, texts()) - before).abs().max()) > 1e-3


@pytest.mark.parametrize("make", [distilbert, mpnet])
def test_what_is_left_takes_over_from_what_is_gone(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from localsearch.compress import neurons
    from localsearch.compress.prune.calibrate import vectors

    generator = torch.Generator().manual_seed(9)
    shown, others = ([torch.randint(5, WORDS, (1, 24), generator=generator) for _ in range(40)] for _ in range(2))

    def moved(ridge: float) -> float:
        """How far the vectors of texts that were not shown move."""
        monkeypatch.setattr(neurons, "RIDGE", ridge)
        encoder = make()
        before = vectors(encoder, others)
        neurons.remove_neurons(encoder.model, 0.5, shown)
        return float((vectors(encoder, others) - before).norm(dim=1).mean())

    fitted, unfitted = moved(neurons.RIDGE), moved(1e12)
    assert fitted < 0.85 * unfitted


def test_one_neuron_is_always_left() -> None:
    from localsearch.compress.neurons import remove_neurons
    from localsearch.compress.shapes import widths_of

    encoder = distilbert()
    remove_neurons(encoder.model, 0.999, texts())
    assert widths_of(encoder.model) == [1, 1, 1]


@pytest.mark.parametrize(("amount", "left"), [(0.5, 2), (1, 3), (2, 2)])
def test_heads_that_send_nothing_are_the_ones_removed(amount: float, left: int) -> None:
    import torch

    from localsearch.compress.norms import input_norms
    from localsearch.compress.prune.calibrate import vectors
    from localsearch.compress.prune.structured import remove_heads
    from localsearch.compress.shapes import heads_of

    encoder = distilbert()
    with torch.no_grad():
        for number, dead in enumerate((0, 2, 3)):
            for head in {dead, (dead + 2) % 4} if left == 2 else {dead}:
                layer_parts(encoder, number, "out")[0].weight[:, head * 8 : head * 8 + 8] = 0.0
    before = vectors(encoder, texts())
    remove_heads(encoder.model, amount, input_norms(encoder.model, texts()))
    assert heads_of(encoder.model) == [left] * 3
    torch.testing.assert_close(vectors(encoder, texts()), before, atol=1e-5, rtol=0)


def test_heads_that_cannot_go() -> None:
    from localsearch.compress.prune.structured import remove_heads

    with pytest.raises(EncoderError, match="4 heads; at least one must be left"):
        remove_heads(distilbert().model, 4, {})
    with pytest.raises(EncoderError, match="Heads cannot be removed from MPNet"):
        remove_heads(mpnet().model, 1, {})


@pytest.mark.parametrize("make", [distilbert, mpnet])
def test_the_layer_that_does_least_is_removed(make: Make) -> None:
    import torch

    from localsearch.compress.prune.calibrate import vectors
    from localsearch.compress.prune.structured import remove_layers

    encoder = make()
    with torch.no_grad():
        for name in ("out", "down"):
            (linear,) = layer_parts(encoder, 1, name)
            linear.weight.mul_(1e-4)
            linear.bias.zero_()
        for module in encoder.model.modules():
            if isinstance(module, torch.nn.LayerNorm):
                module.weight.fill_(1.0)  # so that a layer that adds nothing changes nothing
                module.bias.zero_()
    before = vectors(encoder, texts())
    count = encoder.model.config.num_hidden_layers
    assert remove_layers(encoder, 1, texts()) == [number for number in range(count) if number != 1]
    assert encoder.model.config.num_hidden_layers == count - 1
    torch.testing.assert_close(vectors(encoder, texts()), before, atol=1e-2, rtol=0)
    with pytest.raises(EncoderError, match="at least one must be left"):
        remove_layers(encoder, count - 1, texts())


def test_norms_are_those_of_all_tokens_together() -> None:
    import torch

    from localsearch.compress.norms import input_norms

    encoder = distilbert()
    with torch.no_grad():
        inputs = torch.cat([encoder.model.embeddings(row)[0] for row in texts()])  # (tokens of all texts, dim)
    found = input_norms(encoder.model, texts())
    assert len(found) == 3 * 6
    torch.testing.assert_close(found["transformer.layer.0.attention.q_lin"], inputs.norm(dim=0))
    assert found["transformer.layer.2.ffn.lin2"].shape == (48,)


def shrunk(make: Make) -> TorchEncoder:
    """Fewer neurons in every layer, still fewer in the first; fewer heads where that can be."""
    import torch

    from localsearch.compress.neurons import remove_neurons
    from localsearch.compress.norms import input_norms
    from localsearch.compress.prune.structured import remove_heads
    from localsearch.compress.shapes import keep_columns, keep_rows

    encoder = make()
    if encoder.model.config.model_type == "distilbert":
        remove_heads(encoder.model, 1, input_norms(encoder.model, texts()))
    remove_neurons(encoder.model, 0.25, texts())
    up, down = layer_parts(encoder, 0, "up", "down")
    keep_rows(up, torch.arange(10))
    keep_columns(down, torch.arange(10))
    return encoder


@pytest.mark.parametrize("make", [distilbert, mpnet])
def test_changed_shapes_are_kept_and_read_back(make: Make, tmp_path: Path) -> None:
    import torch

    from localsearch.compress.prune.calibrate import vectors
    from localsearch.compress.shapes import heads_of, widths_of
    from localsearch.compress.weights import load_torch

    encoder = shrunk(make)
    back = load_torch(folder_of(encoder, tmp_path))
    assert widths_of(back.model) == widths_of(encoder.model) and widths_of(back.model)[:2] == [10, 36]
    assert heads_of(back.model) == heads_of(encoder.model)
    assert torch.equal(vectors(back, texts()), vectors(encoder, texts()))


@pytest.mark.parametrize("make", [distilbert, mpnet])
@pytest.mark.parametrize("even", [False, True], ids=["plain", "balanced"])
def test_changed_shapes_are_exported_as_torch_computes_them(make: Make, even: bool, tmp_path: Path) -> None:
    import onnxruntime
    import torch

    from localsearch.compress.balance import balance
    from localsearch.compress.export import export
    from localsearch.compress.prune.calibrate import vectors
    from localsearch.compress.shapes import heads_of

    encoder = shrunk(make)
    expected, heads = vectors(encoder, texts()), heads_of(encoder.model)
    if even:
        balance(encoder.model)
    export(encoder, tmp_path / "model.onnx")
    assert heads_of(encoder.model) == heads, "the card is written after the export"
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    for row, vector in zip(texts(), expected, strict=True):
        ours, tokens = session.run(["sentence_embedding", "token_embeddings"], {"input_ids": row.numpy()})
        torch.testing.assert_close(torch.from_numpy(ours[0]), vector, atol=1e-4, rtol=0)
        assert tokens.shape == (1, row.shape[1], 32)


def test_shapes_that_do_not_fit_each_other_are_refused(tmp_path: Path) -> None:
    import torch

    from localsearch.compress.shapes import keep_rows
    from localsearch.compress.weights import load_torch

    for number, name in enumerate(("up", "out", "down")):
        encoder = distilbert()
        keep_rows(layer_parts(encoder, 1, name)[0], torch.arange(8))
        (tmp_path / str(number)).mkdir()
        with pytest.raises(EncoderError, match="shapes of a layer's matrices do not fit together"):
            load_torch(folder_of(encoder, tmp_path / str(number)))
