"""What the user typed, taken apart: words to rank by, phrases that must occur, words that must not.

    notice period "lease agreement" -draft -"not binding"

Everything that reaches FTS5 is quoted here, so no text of a user is ever read as an FTS5 expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from localsearch.errors import QueryError
from localsearch.search.stopwords import STOP_WORDS
from localsearch.store.words import phrase, pieces

MAX_BYTES = 4096
MOST_WORDS_WITH_OPERATORS = 32
MAX_WORDS = 100
"""Different words that are looked up; a longer text still counts whole for the encoder."""

_QUOTES = str.maketrans("“”„‟«»", '""""""')
_OPERATOR = re.compile(
    r"""
    (?<! [^\s(] ) (?P<minus> -?) " (?P<phrase> [^"]+ ) " (?! [\w"] )     # "in a row"  -"not in a row"
  | (?<! [^\s(] ) - (?P<word> [^\W\d_] \S* )                             # -not (but -5 is a number)
    """,
    re.VERBOSE,
)
_APOSTROPHE = re.compile("['’]")
_INNER = re.compile(r"[-‐-―_./\\:@&+#*~=|<>()\[\]{},;!?%$€£\"…。，、；：！？（）「」『』【】《》]+")
_OTHER_SYNTAX = frozenset({"AND", "OR", "NOT"})
"""Operators elsewhere; here no acronyms, but stop words like in any sentence."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query understood. The strings in `words`, `required` and `excluded` are FTS5 expressions."""

    semantic: str
    """What the encoder reads: the query without operators."""
    words: tuple[str, ...]
    """Any of them makes a keyword match; empty when the query has no word at all (`???`)."""
    required: tuple[str, ...] = ()
    """Every hit must have all of them."""
    excluded: tuple[str, ...] = ()
    """No hit may have any of them."""

    @property
    def match(self) -> str:
        """The FTS5 expression that finds and ranks; empty when there are no words."""
        return " OR ".join(self.words)


def parse_query(text: str) -> Query:
    """Understand what the user typed. Raises QueryError when it is empty, too long or only excludes.

    A text of more than 32 words is one that was pasted: its quotation marks and dashes are no operators.
    """
    text = _checked(text)
    if len(text.split()) > MOST_WORDS_WITH_OPERATORS:
        return plain_query(text)
    required: list[str] = []
    excluded: list[str] = []

    def take(operator: re.Match[str]) -> str:
        content = operator["phrase"] or operator["word"]
        if not any(map(str.isalnum, content)):
            return operator[0]
        if operator["word"] or operator["minus"]:
            excluded.append(phrase(content))
            return " "
        required.append(phrase(content))
        return content

    semantic = " ".join(_OPERATOR.sub(take, text.translate(_QUOTES)).split())
    if not semantic:
        raise QueryError("The query only excludes.", hint="Say also what you look for.")
    return Query(semantic, _words(semantic), _distinct(required), _distinct(excluded))


def plain_query(text: str) -> Query:
    """A text to search for as it stands, without operators. Raises QueryError when it is empty or too long."""
    text = " ".join(_checked(text).split())
    return Query(text, _words(text))


def _checked(text: str) -> str:
    text = text.replace("\0", " ").strip()
    if not text:
        raise QueryError("The query is empty.", hint="Say what you look for.")
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise QueryError(f"The query is longer than {MAX_BYTES} bytes.", hint="Use fewer words.")
    return text


def _words(text: str) -> tuple[str, ...]:
    """The words to look up as FTS5 expressions; stop words only when there is nothing else."""
    plain: list[str] = []
    stops: list[str] = []
    shouting = text.isupper()
    for word in _terms(text):
        acronym = word.isupper() and len(word) > 1 and not shouting and word not in _OTHER_SYNTAX  # IT, US, WHO
        (plain if acronym or word.lower() not in STOP_WORDS else stops).append(phrase(word.lower()))
    return _distinct(plain or stops)[:MAX_WORDS]


def _terms(text: str) -> Iterator[str]:
    """The query's words. A run in a script without spaces gives its overlapping pairs."""
    spaced: list[str] = []
    before = 0
    for piece in pieces(text):
        if not piece.unspaced:
            spaced.append(piece.text)
        elif piece.unspaced == 2 or before != 2:  # the last of a run stands in the pair before it
            yield piece.text.strip()
        before = piece.unspaced
    for word in "".join(spaced).split():
        yield from _parts(word)


def _parts(word: str) -> Iterator[str]:
    """`company's` is `company`; `long-term` two words; `A-1234-X` one thing, its parts in a row."""
    clitics = _APOSTROPHE.split(word)
    for stem in clitics:
        if len(clitics) > 1 and len(stem) == 1:
            continue
        parts = [part for part in _INNER.split(stem) if any(map(str.isalnum, part))]
        coded = len(parts) > 1 and any(map(str.isdigit, stem))
        if coded:
            yield stem
        yield from (part for part in parts if not coded or (len(part) > 2 and part.isalpha()))


def _distinct(expressions: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(expressions))
