"""Words that were broken at the end of a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

# pdfium puts this where a line ends in a hyphen, and leaves the line break out.
_BREAK = re.compile("[\x02\ufffe]\\s*")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_LETTERS = re.compile(r"[^\W\d_]+\Z")
_FIRST_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST_WORD = 60
"""Characters."""


def join_pages(texts: Sequence[str]) -> list[str]:
    """Texts with broken words whole again: with the hyphen where the document elsewhere writes it so.

    Between lower-case letters the hyphen is otherwise taken for a break; before a capital or a digit it stays.
    """
    if not any(_BREAK.search(text) for text in texts):
        return list(texts)
    words = Counter(word.lower() for text in texts for word in _WORD.findall(text))
    return [_join(text, words) for text in texts]


def _join(text: str, words: Counter[str]) -> str:
    first, *others = _BREAK.split(text)
    pieces = [first]
    for following in others:
        pieces += [_hyphen(pieces[-1], following, words), following]
    return "".join(pieces)


def _hyphen(before: str, following: str, words: Counter[str]) -> str:
    """What stands between two parts of a word: a hyphen or nothing."""
    left = _LAST_LETTERS.search(before[-_LONGEST_WORD:])
    right = _FIRST_LETTERS.match(following[:_LONGEST_WORD])
    if left is None or right is None:
        return "-"
    whole, hyphenated = words[f"{left[0]}{right[0]}".lower()], words[f"{left[0]}-{right[0]}".lower()]
    return "-" if hyphenated > whole or (not whole and not right[0].islower()) else ""
