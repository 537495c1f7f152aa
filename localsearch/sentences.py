"""Where sentences begin and end, by rule: fast, without a model, for every language that uses . ! ? or 。！？

A missed boundary joins two sentences, which harms nobody; a false one cuts a sentence in two. In doubt the
rules therefore join: after abbreviations, initials, ordinals and before a small letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOSING = "\"'”’»›)\\]」』）】"
_END = re.compile(
    rf"""
    (?P<blank> \n (?: [^\S\n]*+ \n )++ )                     # an empty line
  | (?P<item> \n (?= [^\S\n]*+ (?: [-*+•·▪◦‣–—] | \d{{1,3}}[.)] | [(]?[a-zA-Z][)] ) [^\S\n] ) )   # a list item
  | (?P<line> (?<= [.!?:;…。！？] ) [^\S\n]*+ \n )            # a line that ends like a sentence
  | (?P<wide> [。！？｡]+ [{_CLOSING}]* )                     # needs no space after it
  | (?P<stop> (?<![.!?…]) [.!?…]++ [{_CLOSING}]*+ (?= \s ) )
    """,
    re.VERBOSE,
)
_BETWEEN_BLOCKS = re.compile(r"\n[^\S\n]*+\n")
_CELLS = " | "
"""Between the cells of a table's row."""
_LAST_WORD = re.compile(r"(?:^|[\s(\[\"'“‘„«/])([^\s(\[\"'“‘„«/]+)$")
_OPENING = re.compile(r"\s+[\"'“‘„«(\[¿¡]*")
_ALWAYS = (
    "mr mrs ms dr prof rev gen col capt lt sgt st sr jr messrs mme mlle vs viz cf resp approx ca circa est dept "
    "div tel eds ibid inc ltd co corp bros e.g i.e eg ie a.m p.m u.s u.k u.n jan feb apr aug sept oct nov dec "
    "bzw z.b d.h u.a u.ä usw evtl ggf inkl exkl zzgl anm hrsg hr fr str s.o s.u vgl sog mind av bd sté sra dra"
)
_BEFORE_A_NUMBER = (
    "no nos nr art arts sec sect para par ch chap fig figs eq eqs ref refs vol vols p pp abs ej pág págs tab mar "
    "jun jul sep max min"
)
_ABBREVIATIONS = frozenset(_ALWAYS.split())
_NUMBERED = frozenset(_BEFORE_A_NUMBER.split())


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences and list items of `text`, in order, without the blanks around them.

    Together they hold every character that is not blank. Time grows with the length of the text alone.
    """
    begin = 0
    for match in _END.finditer(text):
        if match.lastgroup == "stop" and not _ends_sentence(text, begin, match):
            continue
        yield from stripped(text, begin, match.end())
        begin = match.end()
    yield from stripped(text, begin, len(text))


def _ends_sentence(text: str, begin: int, match: re.Match[str]) -> bool:
    """Whether the stop found is the end of a sentence and not of an abbreviation, an initial or an ordinal."""
    opening = _OPENING.match(text, match.end(), match.end() + 64)
    following = text[opening.end() : opening.end() + 1] if opening else ""
    if following.islower():
        return False
    if match.group()[0] != "." or match.group().startswith(".."):
        return True
    word = _LAST_WORD.search(text[max(begin, match.start() - 24) : match.start()])
    if word is None:
        return True
    last = word.group(1)
    if last.lower() in _ABBREVIATIONS or (following.isdigit() and last.lower() in _NUMBERED):
        return False
    is_initial = len(last) == 1 and last.isupper()
    is_ordinal = len(last) <= 2 and last.isdigit()
    return not (is_initial or is_ordinal)


def stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without blanks at its ends; nothing when only blanks remain."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def sentences_and_rows(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences and list items of a passage's text and, where it holds a table, of the rows; in order.

    A passage does not say which of its blocks are tables. Empty lines part its blocks, and a block with ` | ` in it
    is a table, one row per line. Rows of a single cell are sentences.
    """
    begin = 0
    for end in [*(match.start() for match in _BETWEEN_BLOCKS.finditer(text)), len(text)]:
        block = text[begin:end]
        found = _lines(block) if _CELLS in block else sentences(block)
        yield from ((begin + left, begin + right) for left, right in found)
        begin = end


def _lines(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for line in text.splitlines(keepends=True):
        yield from stripped(text, begin, begin + len(line))
        begin += len(line)
