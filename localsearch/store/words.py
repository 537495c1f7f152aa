"""What FTS5 indexes: text made ready for its tokeniser, in documents and queries alike.

FTS5's `unicode61` cuts words at everything that is not a letter, digit or mark. That leaves four kinds of text
that people search for and would not find; `index_text` rewrites those, and nothing else:

- scripts written without spaces (Chinese, Japanese, Thai, Khmer, Lao, Burmese), and Korean, whose particles
  stick to the words: each run becomes its overlapping pairs, `信息检索` -> `信息 息检 检索 索`. The last
  character also stands alone, so that a query of one character finds every place as a prefix or by itself;
- grouped digits: `1,234.56`, `1.234,56` and `1 234,56` (narrow space) all become `1234` `56`;
- compatibility forms of letters: ligatures that PDFs are full of, full-width letters, half-width kana;
- marks that writers leave out: soft hyphens, joiners, Arabic and Hebrew vowel points.

Part numbers need nothing: `A-1234-X` is the words `a 1234 x` in a row, and a query looks for them in a row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

WORDS_VERSION = 1
"""Stands in the index; when it changes, the words of every passage are indexed again."""
TOKENIZER = "porter unicode61 remove_diacritics 2 categories 'L* N* Co Mc Mn'"
"""FTS5's tokeniser. Marks count as letters: without Mc and Mn every Hindi word falls into its consonants."""


class Piece(NamedTuple):
    """A stretch of indexed text and the stretch of the original that it stands for (code points)."""

    text: str
    start: int
    end: int
    unspaced: int = 0
    """Characters of a script without spaces: 2 for an overlapping pair, 1 for the last of a run, else 0."""


_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0edf"  # Thai, Lao
    "\u1000-\u1049\u1050-\u109d"  # Burmese
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"  # Korean
    "\u1780-\u17d3\u17d7\u17dc\u17dd\u17e0-\u17e9"  # Khmer
    "\u3005-\u3007\u3041-\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_SIGNS = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u1056-\u1059\u17b4-\u17d3\u17dd\u3099\u309a\uff9e\uff9f"
)
"""Vowel signs and tone marks that sit on the character before them."""
_COMPATIBLE = "\ufb00-\ufb06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
_LEFT_OUT = "\u00ad\u200c\u200d\u2060\ufeff\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7\u0640\u064b-\u0652\u0670"
_GAP = ",'\u2019\u00a0\u2009\u202f"

_SPECIAL = re.compile(
    rf"""
    (?P<grouped> (?<![\d.,]) (?: \d{{1,3}} (?: [{_GAP}] \d{{3}} )+ (?!\d)
                               | [1-9]\d{{0,2}} (?: (?:\.\d{{3}})+ (?=,\d) | (?:\.\d{{3}}){{2,}} ) (?!\.?\d) ) )
  | (?P<unspaced> [{_UNSPACED}]+ )
  | (?P<compatible> [{_COMPATIBLE}]+ )
  | (?P<left_out> [{_LEFT_OUT}]+ )
    """,
    re.VERBOSE,
)
_GAPS = re.compile(rf"[.{_GAP}]")
_CLUSTER = re.compile(rf".[{_SIGNS}]*")


def index_text(text: str) -> str:
    """The text as FTS5 must get it."""
    if _SPECIAL.search(text) is None:
        return text
    return "".join(piece.text for piece in pieces(text))


def pieces(text: str) -> Iterator[Piece]:
    """Cut `text` so that the pieces' texts joined are `index_text(text)` and each knows where it comes from."""
    done = 0
    for match in _SPECIAL.finditer(text):
        if match.start() > done:
            yield Piece(text[done : match.start()], done, match.start())
        yield from _rewrite(match)
        done = match.end()
    if done < len(text):
        yield Piece(text[done:], done, len(text))


def phrase(text: str) -> str:
    """The FTS5 expression that finds the words of `text` in a row: one string, quoted, safe whatever it holds.

    The last character of a run in a script without spaces may stand inside a longer run of the document: after a
    pair it is left out, alone it may also begin a pair.
    """
    found = list(pieces(text.replace("\0", " ")))
    while found and not any(map(str.isalnum, found[-1].text)):
        found.pop()
    star = ""
    if found and found[-1].unspaced == 1:
        if len(found) > 1 and found[-2].unspaced == 2:
            found.pop()
        else:
            star = "*"
    joined = "".join(piece.text for piece in found).strip().replace('"', '""')
    return f'"{joined}"{star}'


def _rewrite(match: re.Match[str]) -> Iterator[Piece]:
    start, end = match.span()
    match match.lastgroup:
        case "unspaced":
            yield from _pairs(match.group(), start)
        case "grouped":
            yield Piece(_GAPS.sub("", match.group()), start, end)
        case "compatible":
            yield Piece(unicodedata.normalize("NFKC", match.group()), start, end)
        case _:
            yield Piece("", start, end)


def _pairs(run: str, offset: int) -> Iterator[Piece]:
    """Overlapping pairs of the run's characters, then the last character alone; a space around each."""
    yield Piece(" ", offset, offset)
    clusters = [cluster.start() for cluster in _CLUSTER.finditer(run)] + [len(run)]
    for i, start in enumerate(clusters[:-1]):
        length = min(2, len(clusters) - 1 - i)
        end = clusters[i + length]
        pair = run[start:end]
        if max(pair) >= "\uff66":
            pair = unicodedata.normalize("NFKC", pair)
        yield Piece(pair + " ", offset + start, offset + end, length)
