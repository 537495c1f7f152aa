"""Which of the passages found repeat another one, so that a reader need not see both?

The cosine cannot tell: with one number changed it is .95 to 1, for the same text under another title .59 to 1 (measured
in docs/decisions/0007-query-language.md). So the text decides. Two passages are copies when

- what both have is equal, letter by letter, and is four fifths of the longer: at either end one of them may go on, as
  when the same text was split elsewhere, but not with a number;
- one's title and headings say nothing that the other's do not say: `Accepted risks of 5.1` is not a copy of `5.2`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from localsearch.store.snapshot import StoredPassage

SHARE = 0.8
"""Of the longer text, at least, must be equal."""
SHORTEST = 300
"""Characters below which only equal texts under equal headings are copies: `Total: none` says little by itself."""
MOST_COMPARED = 20
"""Passages with a sentence in common that another one with it is compared with."""
_SENTENCES = 2
"""Longest sentences of a text by which others like it are found: two, as one may be where the other is cut."""

_UNSEEN = ("|", '"', "'")
_UNSEEN_ELSEWHERE = ("“", "”", "„", "‘", "’", "•", "·", "\u00ad")
"""What readers of different formats make of the same text."""
_WORD = re.compile(r"\w+(?:[.,]\w+)*")


def copies(passages: Sequence[StoredPassage]) -> list[int]:
    """For each passage, best first, the place of the one that it repeats; its own place when it is the first."""
    first: list[int] = []
    vectors: dict[int, int] = {}
    sharing: dict[str, list[_Plain]] = {}
    for place, passage in enumerate(passages):
        found = vectors.setdefault(passage.vector_id, place)  # the same text in the same context
        if found == place and len(passage.text) >= SHORTEST:
            found = _first_like(_Plain(place, _plain(passage.text), passage.context), sharing)
        first.append(found)
        vectors[passage.vector_id] = found
    return first


class _Plain(NamedTuple):
    place: int
    text: str
    context: str


def _first_like(new: _Plain, sharing: dict[str, list[_Plain]]) -> int:
    """The place of the first passage that `new` repeats; else its own, and it is remembered by its sentences."""
    sentences = sorted(new.text.split("."), key=len)[-_SENTENCES:]
    for sentence in sentences:
        for known in sharing.get(sentence, ()):
            if is_continued(known.text, new.text) and is_said(known.context, new.context):
                return known.place
    for sentence in sentences:
        known_here = sharing.setdefault(sentence, [])
        if len(known_here) < MOST_COMPARED:
            known_here.append(new)
    return new.place


def _plain(text: str) -> str:
    """The text without blanks, case, quotation marks and bullets."""
    plain = "".join(text.casefold().split())
    for sign in _UNSEEN if plain.isascii() else _UNSEEN + _UNSEEN_ELSEWHERE:
        plain = plain.replace(sign, "")
    return plain.replace("。", ".")


def is_continued(one: str, other: str) -> bool:
    """Whether two plain texts are the same stretch, but for where they begin and end."""
    longest = max(len(one), len(other))
    if min(len(one), len(other)) < max(SHORTEST, SHARE * longest):
        return False
    edge = len(one) - int(SHARE * len(one))
    at = other.find(one[edge : len(one) - edge])  # this part of `one` is in `other`, whichever end differs
    if at < 0:
        return False
    shift = at - edge  # one[i] stands at other[i + shift]
    start, end = max(0, -shift), min(len(one), len(other) - shift)
    if end - start < SHARE * longest or one[start:end] != other[start + shift : end + shift]:
        return False
    ends = one[:start] + one[end:] + other[: start + shift] + other[end + shift :]
    return not any(map(str.isdigit, ends))


def is_said(one: str, other: str) -> bool:
    """Whether one of two contexts has all words and numbers of the other."""
    words, others = set(_WORD.findall(one.casefold())), set(_WORD.findall(other.casefold()))
    return words <= others or others <= words
