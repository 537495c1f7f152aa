"""Parts of an encoder taken away as a candidate says: layers, then neurons, then words."""

from __future__ import annotations

import shutil
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.compress.distill.run import prefix_pieces
from localsearch.compress.distill.vocabulary import read_vocabulary
from localsearch.compress.neurons import remove_neurons
from localsearch.compress.optimize.candidates import Cut, layers_left
from localsearch.compress.prune.calibrate import read_rows
from localsearch.compress.prune.structured import remove_layers
from localsearch.compress.prune.words import cut_words, worthiest_pieces
from localsearch.encoder.card import TOKENIZER, Card

if TYPE_CHECKING:
    from localsearch.compress.optimize.reading import Reading
    from localsearch.compress.weights import TorchEncoder


def shrink(encoder: TorchEncoder, cut: Cut, reading: Reading, card: Card, *, tokenizers: tuple[Path, Path]) -> None:
    """Take away from `encoder`, in place. `card`: the encoder's. `tokenizers`: its folder, and that for the new one's.

    Raises EncoderError where a part cannot be taken away.
    """
    tokenizer, target = tokenizers
    rows = read_rows([card.passage_prefix + text for text in reading.sample], tokenizer, card.max_tokens)
    if cut.layers < 1.0:
        count = int(encoder.model.config.num_hidden_layers)
        remove_layers(encoder, count - layers_left(cut, count), rows)
    if cut.neurons < 1.0:
        remove_neurons(encoder.model, 1.0 - cut.neurons, rows)
    if cut.words < 1.0:
        vocabulary = read_vocabulary(tokenizer)
        size, needed = round(len(vocabulary) * cut.words), chain(*prefix_pieces(tokenizer, card))
        kept = worthiest_pieces(encoder.model, vocabulary, reading.counts, size, needed)
        cut_words(encoder.model, tokenizer, kept, target)
    else:
        shutil.copyfile(tokenizer / TOKENIZER, target / TOKENIZER)
