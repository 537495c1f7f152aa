"""Word pieces: the teacher's number of each of the student's, and a smaller vocabulary of the frequent ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from localsearch.encoder.card import TOKENIZER
from localsearch.errors import EncoderError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OTHER_NAMES = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>", "[MASK]": "<mask>"}
"""Special pieces as BERT and as MPNet call them. MPNet's vocabulary holds BERT's names too, but unused."""
_MARKS = {"WordPiece": "##", "Unigram": "\u2581"}
"""What a piece begins with inside a word (WordPiece), or at a word's beginning (Unigram: XLM-R, SentencePiece)."""
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
"""How Unigram spells bytes for which it has no piece."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The word pieces of one tokenizer."""

    numbers: dict[str, int]
    special: frozenset[int]
    """Those that the tokenizer itself puts in."""
    unknown: int
    mark: str = "##"
    """That a piece may begin with; see `_MARKS`."""

    def __len__(self) -> int:
        return max(self.numbers.values()) + 1

    def spells(self, piece: str) -> bool:
        """Whether it is one character or byte: without these a text could become unreadable."""
        return len(piece.removeprefix(self.mark)) <= 1 or _BYTE.fullmatch(piece) is not None


def read_vocabulary(folder: Path) -> Vocabulary:
    """From tokenizer.json in `folder`. Raises EncoderError unless it is WordPiece or Unigram."""
    tokenizer = _read(folder)
    model = tokenizer["model"]
    if model["type"] not in _MARKS:
        raise EncoderError(
            f"The tokenizer at {folder} is of the kind {model['type']}.",
            hint="It can be WordPiece, as BERT's, or Unigram, as XLM-R's.",
        )
    pieces = _pieces(model)
    added = {entry["content"]: entry["id"] for entry in tokenizer["added_tokens"]}
    unknown = model["unk_id"] if model["type"] == "Unigram" else {**pieces, **added}[model["unk_token"]]
    return Vocabulary({**pieces, **added}, frozenset({*added.values(), unknown}), unknown, _MARKS[model["type"]])


def _read(folder: Path) -> dict[str, Any]:
    try:
        tokenizer: dict[str, Any] = json.loads((folder / TOKENIZER).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(f"The tokenizer at {folder / TOKENIZER} cannot be used: {error}.") from None
    return tokenizer


def _pieces(model: Mapping[str, Any]) -> dict[str, int]:
    """The numbers of the model's own pieces: WordPiece names them, Unigram lists them with their probabilities."""
    vocabulary = model["vocab"]
    if isinstance(vocabulary, dict):
        return dict(vocabulary)
    return {piece: number for number, (piece, _) in enumerate(vocabulary)}


def counterparts(ours: Vocabulary, theirs: Vocabulary) -> NDArray[np.int64]:
    """(our vocabulary,): the teacher's number of each of our pieces.

    A piece that the teacher lacks stands for its unknown one. Raises EncoderError when that is every twentieth.
    """
    numbers = np.full(len(ours), theirs.unknown, dtype=np.int64)
    missing = 0
    for piece, number in ours.numbers.items():
        other = _OTHER_NAMES.get(piece, piece)
        found = theirs.numbers.get(other, theirs.numbers.get(piece))
        missing += found is None
        numbers[number] = theirs.unknown if found is None else found
    if missing > len(ours) // 20:
        raise EncoderError(
            f"The teacher lacks {missing:,} of the student's {len(ours):,} word pieces.",
            hint="Choose a teacher with the same vocabulary, or let the student begin with the teacher's layers.",
        )
    return numbers


def frequent_pieces(vocabulary: Vocabulary, worth: NDArray[Any], size: int, needed: Iterable[int] = ()) -> list[int]:
    """Numbers of the `size` pieces to keep, in their old order: all that spell words out, then the worthiest.

    Without single characters, alone and inside a word, a text could become unreadable; they may be more than `size`.
    `worth`: (vocabulary,), such as how often each stands in the text. `needed`: numbers of others that always stay.
    """
    spelling = {number for piece, number in vocabulary.numbers.items() if vocabulary.spells(piece)}
    always = spelling | vocabulary.special | set(needed)
    by_worth = sorted(set(vocabulary.numbers.values()) - always, key=lambda number: (-float(worth[number]), number))
    return sorted(always | set(by_worth[: max(0, size - len(always))]))


def cut_tokenizer(source: Path, kept: list[int], folder: Path) -> None:
    """Write tokenizer.json to `folder` with only the pieces `kept` of the one in `source`, numbered anew."""
    tokenizer = _read(source)
    new = {old: number for number, old in enumerate(kept)}
    model = tokenizer["model"]
    if model["type"] == "Unigram":
        model["vocab"] = [entry for old, entry in enumerate(model["vocab"]) if old in new]
        model["unk_id"] = new[model["unk_id"]]
    else:
        model["vocab"] = {piece: new[old] for piece, old in model["vocab"].items() if old in new}
    for special in tokenizer["added_tokens"]:
        special["id"] = new[special["id"]]
    around = tokenizer["post_processor"] or {}
    for special in around.get("special_tokens", {}).values():
        special["ids"] = [new[old] for old in special["ids"]]
    for name in {"cls", "sep"} & set(around):  # how older tokenizers say what stands around a text
        piece, old = around[name]
        around[name] = [piece, new[old]]
    (folder / TOKENIZER).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
