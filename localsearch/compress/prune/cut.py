"""Parts of an encoder taken away, in one order for all who do so: words, layers, heads, neurons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.compress.architecture import layers_of
from localsearch.compress.distill.run import prefix_pieces
from localsearch.compress.neurons import remove_neurons
from localsearch.compress.norms import input_norms
from localsearch.compress.prune.calibrate import read_rows
from localsearch.compress.prune.cuts import Cuts
from localsearch.compress.prune.structured import remove_heads, remove_layers
from localsearch.compress.prune.words import choose_pieces, cut_words
from localsearch.compress.prune.work import Pruned
from localsearch.encoder.card import read_card

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from localsearch.compress.weights import TorchEncoder


def cut(
    encoder: TorchEncoder,
    cuts: Cuts,
    parent: Path,
    sample: Sequence[str],
    counts: Callable[[], NDArray[np.int64]],
    *,
    place: Path,
) -> Pruned:
    """Take away from `encoder`, in place; single weights excepted. Raises EncoderError where a part cannot go.

    `parent`: its folder. `sample`: passages that show what is used. `counts`: how often each word piece stands in the
    text, asked for when some are to go; the tokenizer without them is written to the folder `place`.
    """
    model, tokenizer, card = encoder.model, parent, read_card(parent)
    pieces: list[int] = []
    if cuts.vocabulary:
        pieces = choose_pieces(model, parent, counts(), cuts.vocabulary, chain(*prefix_pieces(parent, card)))
        cut_words(model, parent, pieces, place)
        tokenizer = place
    rows = read_rows([card.passage_prefix + text for text in sample], tokenizer, card.max_tokens)
    left = remove_layers(encoder, cuts.layers, rows) if cuts.layers else list(range(len(layers_of(model))))
    if cuts.heads:
        remove_heads(model, cuts.heads, input_norms(model, rows))
    remove_neurons(model, cuts.neurons, rows)
    return Pruned(encoder, tokenizer, left, pieces, rows)
