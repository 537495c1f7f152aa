"""Word pieces that the user's text hardly needs: their rows of the embeddings, and their places in the tokenizer.

A word whose piece is gone is spelled from smaller pieces. Words are more than half of a small encoder's bytes, and none
of its time.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from localsearch.compress.distill.run import load_tokenizer
from localsearch.compress.distill.student import keep_words
from localsearch.compress.distill.vocabulary import cut_tokenizer, frequent_pieces, read_vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from localsearch.compress.weights import Backbone

_NEVER = "[unused"
"""How pieces begin that no text gives: places that BERT left free."""


def choose_pieces(
    model: Backbone, tokenizer: Path, counts: NDArray[np.int64], size: int, needed: Iterable[int] = ()
) -> list[int]:
    """Numbers of the `size` pieces to keep, in their old order.

    Special pieces, single characters and those that are `needed`, such as what stands before each text, always are.

    A piece is worth the root of how often the text has it, times the length of its row: a rare piece that stands out
    matters as much as a frequent one that says little. `counts`: (vocabulary,), by the tokenizer of that folder.
    Raises EncoderError unless that is WordPiece or Unigram.
    """
    vocabulary = read_vocabulary(tokenizer)
    rows = model.get_input_embeddings().weight.detach().numpy()[: len(vocabulary)]  # (vocabulary, dim)
    worth = np.sqrt(counts) * np.linalg.norm(rows, axis=1)
    worth[[number for piece, number in vocabulary.numbers.items() if piece.startswith(_NEVER)]] = -1.0
    return frequent_pieces(vocabulary, worth, size, needed)


def count_pieces(tokenizer: Path, texts: Iterable[str]) -> NDArray[np.int64]:
    """(vocabulary,): how often each piece of the folder `tokenizer` stands in the texts."""
    loaded = load_tokenizer(tokenizer)
    size = max(loaded.get_vocab().values()) + 1
    counts = np.zeros(size, dtype=np.int64)
    for text in texts:
        counts += np.bincount(loaded.encode(text, add_special_tokens=False).ids, minlength=size)
    return counts


def cut_words(model: Backbone, tokenizer: Path, kept: list[int], folder: Path) -> None:
    """Leave only the pieces `kept` in the model, and write their tokenizer.json to `folder`."""
    cut_tokenizer(tokenizer, kept, folder)
    keep_words(model, kept)
