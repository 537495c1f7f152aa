"""Two legs came back, which order do I show? One score from meaning and words.

    score = trust * (cosine + NAME * cosine of the file's name) + WORD * BM25 / (BM25 of a word that one passage has)

BM25 is not scaled by the query's own best, which would make the best of poor matches as good as a perfect one: it
adds evidence word by word, so it enters as it is, in units of a unique word. The cosine counts as far as the
encoder knows the query's words. docs/decisions/0006-fusion.md compares the alternatives on eleven collections.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING

from localsearch.search.stopwords import STOP_WORDS

if TYPE_CHECKING:
    from localsearch.records import Float32Vector

WORD = 0.15
"""What a word that one passage alone has counts, in cosine."""
NAME = 0.25
"""What the name of the file counts beside the passage: a page seldom says whose annual report it is from."""
TRUSTED = 0.55
"""`known_share` from which the encoder is trusted fully."""
LEAST_TRUST = 0.05
"""Where the encoder knows no word, the cosine still orders what the words leave equal."""
_K1 = 1.2
"""FTS5's: the weight of one word in BM25 tends to its idf times (k1 + 1)."""

_WORD = re.compile(r"\w+")
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A character of a script whose words are not, or not only, told apart by blanks."""


def fuse(
    cosines: Float32Vector | None,
    bm25: Float32Vector | None,
    *,
    names: Float32Vector | None = None,
    passages: int,
    known: float = 1.0,
) -> Float32Vector:
    """Scores from 0 to 1 for n candidates, higher is better, comparable within one query.

    `cosines` (n,): exact, of every candidate. `bm25` (n,): of every candidate, 0 where no word matches. Either may
    be None: that leg was not asked. `names` (n,): cosine of each candidate's file name. `passages`: how many the
    index holds. `known`: see `known_share`.
    """
    import numpy as np

    if cosines is None:
        return _words_alone(bm25)
    meaning = cosines if names is None else cosines + NAME * np.maximum(names, 0.0)  # (n,)
    best = max(1.0, float(meaning.max(initial=0.0)))
    if bm25 is None:
        return ((1.0 + meaning) / (1.0 + best)).astype(np.float32)
    words = WORD * bm25 / unique_word(passages)  # (n,)
    trust = encoder_trust(known)
    most = trust * (1.0 + best) + float(words.max(initial=0.0))
    return ((trust * (1.0 + meaning) + words) / most).astype(np.float32)


def _words_alone(bm25: Float32Vector | None) -> Float32Vector:
    import numpy as np

    if bm25 is None:
        raise ValueError("nothing to fuse")
    return (bm25 / max(float(bm25.max(initial=0.0)), 1e-9)).astype(np.float32)


def unique_word(passages: int) -> float:
    """About the BM25 of a word that stands, often, in one passage of so many: its idf times (k1 + 1)."""
    return (_K1 + 1.0) * math.log(max(passages, 10))


def encoder_trust(known: float, trusted: float = TRUSTED) -> float:
    """Weight of the cosine, `LEAST_TRUST` to 1: it falls with the cube below `trusted`."""
    return max(LEAST_TRUST, min(1.0, known / trusted) ** 3)


def known_share(text: str, offsets: Sequence[tuple[int, int]]) -> float:
    """How well the encoder knows a query's words, 0 to 1: a letter of a word in n word pieces counts 1 / n.

    A word in many pieces, like a German word before an English encoder or a part number, is one it has hardly seen
    in training. In scripts without spaces a piece of two or more characters is a known word, a single character is
    none. Stop words do not count. `offsets`: the word pieces of `text`, start and end in code points.
    """
    starts = [start for start, _ in offsets]
    known, letters = 0.0, 0
    for word in _WORD.finditer(text):
        if word[0].lower() in STOP_WORDS:
            continue
        start, end = word.span()
        pieces = offsets[bisect_left(starts, start) : bisect_left(starts, end)]
        letters += end - start
        if UNSPACED.search(word[0]):
            known += sum(right - left for left, right in pieces if right - left > 1)
        elif pieces:
            known += (end - start) / len(pieces)
    return known / letters if letters else 1.0
