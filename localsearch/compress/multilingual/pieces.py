"""The word pieces that the chosen languages need, of the many that a hundred languages have.

Load What You Need (Abdaoui, Pradel and Sigel, SustaiNLP 2020): most weights of a multilingual encoder are pieces that
a text in few languages never has. What a piece is worth is how often it stands in the text of each language, every
language weighing alike, and how often in any text, as the Unigram model knows it; the latter counts only for pieces
that some text or word list of a chosen language has, or that are written in a script which only chosen languages use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from localsearch.encoder.card import TOKENIZER

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

PRIOR = 0.5
"""Weight of how often a piece stands in any text, against the text of one language at 1 / languages."""
MARK = "▁"
OWN_SCRIPTS = re.compile(r"[\u0370-\u03ff\u0590-\u05ff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Greek, Hebrew, Thai, kana, Han and Hangul."""
SPELLING = re.compile(
    r"[\u0020-\u024f\u0300-\u036f\u0370-\u03ff\u0400-\u052f\u0590-\u05ff\u0600-\u06ff\u0900-\u097f\u0e00-\u0e7f"
    r"\u1e00-\u1eff\u2000-\u20cf\u2190-\u22ff\u3000-\u30ff\uac00-\ud7af]"
)
"""Single characters that always stay, so that a rare word is spelled instead of lost; Han stays by its worth."""


def counted(tokenizer: Tokenizer, texts: Sequence[str], size: int) -> NDArray[np.float64]:
    """(size,): how often each piece stands in the texts."""
    counts = np.zeros(size)
    for entry in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        np.add.at(counts, entry.ids, 1.0)
    return counts


def chosen(
    vocabulary: Sequence[tuple[str, float]],
    counts: Mapping[str, NDArray[np.float64]],
    listed: NDArray[np.float64],
    special: Iterable[int],
    size: int,
) -> list[int]:
    """Numbers of the pieces that stay, in their old order.

    `vocabulary`: pieces and the logarithm of their probability; `counts`: in the text of each language; `listed`: in
    the languages' word lists.
    """
    worth = sum(found / max(1.0, found.sum()) for found in counts.values()) / len(counts)
    seen = (sum(counts.values()) + listed) > 0
    owned = np.array([OWN_SCRIPTS.search(piece) is not None for piece, _ in vocabulary])
    prior = np.exp([score for _, score in vocabulary])
    worth = worth + PRIOR * prior / prior.sum() * (seen | owned)
    always = set(special) | {
        number
        for number, (piece, _) in enumerate(vocabulary)
        if piece and SPELLING.fullmatch(piece.removeprefix(MARK) or " ")
    }
    best = [int(number) for number in np.argsort(-worth, kind="stable") if int(number) not in always]
    return sorted([*always, *best[: max(0, size - len(always))]])


def cut_unigram(source: Path, kept: Sequence[int], folder: Path) -> None:
    """Write tokenizer.json to `folder` with only the pieces `kept` of the one in `source`, numbered anew."""
    tokenizer: dict[str, Any] = json.loads((source / TOKENIZER).read_text(encoding="utf-8"))
    new = {old: number for number, old in enumerate(kept)}
    model = tokenizer["model"]
    model["vocab"] = [model["vocab"][old] for old in kept]
    model["unk_id"] = new[model["unk_id"]]
    tokenizer["added_tokens"] = [
        entry | {"id": new[entry["id"]]} for entry in tokenizer["added_tokens"] if entry["id"] in new
    ]
    for special in tokenizer["post_processor"]["special_tokens"].values():
        special["ids"] = [new[old] for old in special["ids"]]
    text = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (folder / TOKENIZER).write_text(text, encoding="utf-8")
