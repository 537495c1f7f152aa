"""Which sentences of a passage could stand in a summary, and how well does each stand alone?

The rules drop what is no sentence (headings, tables, contents pages, rows of numbers, forms, fragments) and mark
down what leans on something else: `This also ...`, `see Note 5`, questions, items of a list.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from localsearch.sentences import sentences, stripped

FEWEST_WORDS, MOST_WORDS = 5, 70
_FEW_WORDS = 8
_EASY_LENGTH = 32
"""Words up to which a sentence is read without effort."""

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese: about two characters to a word."""
_ENDED = re.compile(r"[.!?…。！？][\"'”’»›)\]」』]*$")
_ASKED = re.compile(r"[?？][\"'”’»›)\]」』]*$")
_MARKER = re.compile(r"(?:[-*+•·▪◦‣–—]|\d{1,3}[.)]|\(?[a-zA-Z]\))\s+")
"""A list item's bullet or number."""
_NO_SENTENCE = re.compile(
    r"\s\|\s"  # cells of a table
    r"|\.{4,}|(?:\.\s){3,}|_{3,}"  # dots that lead to a page number, a line to write on
    r"|[☐☑☒□■]|\b[Yy]es\b.{0,3}\b[Nn]o\b"  # a form
    r"|\S+@\S+\.\S+|://\S{30}|\]\(|[{}]{2}|\{%"  # addresses, links, templates
)
_LEANS = re.compile(
    r"""(?: it | its | this | that | these | those | they | their | he | she | his | her | such | both | here | there
          | however | therefore | thus | also | additionally | in\ addition | furthermore | moreover | accordingly
          | as\ a\ result | for\ example | for\ instance | consequently | finally | but | and | or | so | then
          | otherwise | if\ so | in\ (?:this|that|these|those|such|each)\ cases?
          | dies | diese[rsmn]? | er | daher | jedoch | außerdem | dabei | dazu | deshalb | il | elle | ils | cela
          | cependant | toutefois | donc | ce | cette | ces )\b""",
    re.VERBOSE | re.IGNORECASE,
)
_POINTS_AWAY = re.compile(
    r"""\bplease\ (?: see | refer )\b | \bincorporated\ (?: herein\ )? by\ reference\b
      | \b(?: see | siehe | refer(?:red)?\ to | pursuant\ to | (?: described | discussed | included | contained | listed
             | defined | set\ forth )\ in ) \s+ (?: also\s+ )? (?: (?:the|this)\s+ )?
        (?: (?: accompanying | appendix | annex | above | below | abschnitt | anhang )\b
          | (?: part | item | note | section | exhibit | rule | table | figure | page )s?\b | ["“„] )""",
    re.VERBOSE | re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(r"\d{1,3}\s+[^\W\d_a-z]")
"""Of a footnote or a page, glued to the sentence after it."""
_PROSE_END = re.compile(r"[.!?…](?<=[^\W\d_]{2}.)(?=\s|$)|[。！？]")
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"))
_USUAL_LENGTH = 250
"""Characters per sentence, at most, in running text."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch of a passage that could be quoted."""

    start: int
    """Code points in the passage's text, inclusive."""
    end: int
    worth: float
    """How well it stands alone: above 0 and at most 1."""


def candidates(text: str, heading: str = "") -> list[Candidate]:
    """The sentences of a passage that could stand in a summary, in order.

    `heading`: the headings above, joined by ` > `; a sentence that only repeats one is left out.
    """
    above = {part.casefold() for part in heading.split(" > ")}
    found = [Candidate(start, end, worth_alone(one_line(text[start:end]))) for start, end in _stretches(text)]
    return [one for one in found if one.worth > 0 and one_line(text[one.start : one.end]).casefold() not in above]


def worth_alone(sentence: str) -> float:
    """0 to 1; 0 for what is no sentence. `sentence` stands on one line."""
    if not _is_sentence(sentence):
        return 0.0
    words = count_words(sentence)
    flaws = (
        (not _ENDED.search(sentence) and not _UNSPACED.search(sentence), 0.5),
        (_ASKED.search(sentence), 0.5),
        (_PAGE_NUMBER.match(sentence), 0.5),
        (_LEANS.match(sentence), 0.7),
        (_POINTS_AWAY.search(sentence), 0.6),
        (words < _FEW_WORDS, 0.8),
        (words > _EASY_LENGTH, _EASY_LENGTH / words),
    )
    return math.prod(factor for found, factor in flaws if found)


def prose(text: str) -> float:
    """How much of a passage is running text, 0 to 1: by the ends of sentences in it, and the digits. Fast."""
    length = len(text) or 1
    ends = len(_PROSE_END.findall(text))
    digits = sum(map(text.count, "0123456789"))
    return min(1.0, ends * _USUAL_LENGTH / length) * max(0.0, 1.0 - 4 * digits / length)


def one_line(text: str) -> str:
    """`text` with all blanks and line breaks as single blanks."""
    return " ".join(text.split())


def count_words(text: str) -> float:
    """Words; in scripts without spaces half the characters."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_WORD.findall(_UNSPACED.sub(" ", text) if unspaced else text)) + unspaced / 2


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Sentences without their bullets. Several lines that do not end like a sentence are a list: each by itself."""
    for start, end in sentences(text):
        if "\n" in text[start:end] and not _ENDED.search(text[start:end]):
            yield from (_unmarked(text, *line) for line in lines(text, start, end))
        else:
            yield _unmarked(text, _after_heading(text, start, end), end)


def lines(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Spans of the lines of a stretch of `text` that are not blank, without the blanks around them."""
    end = len(text) if end is None else end
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        yield from stripped(text, start, stop)
        start = stop + 1


def _after_heading(text: str, start: int, end: int) -> int:
    """Where the sentence begins when a heading stands above it without an empty line between them.

    That is a line of its own, unfinished, less than half as long as the next one, which has a capital first.
    """
    first = text.find("\n", start, end)
    if first < 0 or not (start == 0 or text[start - 1] == "\n"):
        return start
    line = text[first + 1 : end].lstrip()
    length = len(line.split("\n", 1)[0])
    if first - start < length / 2 and text[first - 1] not in ",;:-" and not line[:1].islower():
        return end - len(line)
    return start


def _unmarked(text: str, start: int, end: int) -> tuple[int, int]:
    marker = _MARKER.match(text, start, end)
    return (marker.end(), end) if marker and marker.end() < end else (start, end)


def _is_sentence(sentence: str) -> bool:
    if not FEWEST_WORDS <= count_words(sentence) <= MOST_WORDS or _NO_SENTENCE.search(sentence):
        return False
    if sentence[0].islower() or sentence[0] in "([*#" or sentence[-1] in ":;,，；：":
        return False
    if any(sentence.count(opening) != sentence.count(closing) for opening, closing in _PAIRS):
        return False
    solid = [character for character in sentence if not character.isspace()]
    letters = sum(map(str.isalpha, solid))
    return letters >= 0.7 * len(solid) and sum(map(str.isupper, solid)) <= 0.4 * letters
