"""What the user typed, taken apart: words to rank by, phrases that must occur, words that must not, filters.

    notice period "lease agreement" -draft -"not binding" type:pdf -path:archive/

Everything that reaches FTS5 is quoted here, so no text of a user is ever read as an FTS5 expression.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from localsearch.errors import QueryError
from localsearch.records import NO_FILTERS, Filters
from localsearch.search.operators import PATTERN, Collector
from localsearch.search.prefix import prefix_expression
from localsearch.search.stopwords import STOP_WORDS
from localsearch.store.words import phrase, pieces

MAX_BYTES = 4096
MOST_WORDS_WITH_OPERATORS = 32
MAX_WORDS = 100
"""Different words that are looked up; a longer text still counts whole for the encoder."""

_QUOTES = str.maketrans("“”„‟«»", '""""""')
_OPERATOR = re.compile(
    PATTERN
    + r"""
  | (?<! [^\s(] ) (?P<minus> -?) " (?P<phrase> [^"]+ ) " (?! [\w"] )     # "in a row"  -"not in a row"
  | (?<! [^\s(] ) - (?P<word> [^\W\d_] \S* )                             # -not (but -5 is a number)
    """,
    re.VERBOSE,
)
_APOSTROPHE = re.compile("['’]")
_INNER = re.compile(r"[-‐-―_./\\:@&+#*~=|<>()\[\]{},;!?%$€£\"…。，、；：！？（）「」『』【】《》]+")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""NUL, and the lone surrogates by which Python keeps bytes that are not UTF-8: neither can stand in a text."""
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
    only: Filters = NO_FILTERS
    """What the text says that hits must be."""
    never: Filters = NO_FILTERS
    """What it says that no hit may be."""
    filters: tuple[str, ...] = ()
    """The filters in the text, as typed."""

    @property
    def match(self) -> str:
        """The FTS5 expression that finds and ranks; empty when there are no words."""
        return " OR ".join(self.words)


def parse_query(text: str, *, prefix: bool = False) -> Query:
    """Understand what the user typed. Raises QueryError when it is empty, too long or only excludes or filters, and
    when a filter has no value that it can use.

    A text of more than 32 words is one that was pasted: its quotation marks, dashes and colons are no operators.
    `prefix`: a word that the text ends in is not finished; see `prefix_expression`.
    """
    unfinished = prefix and unicodedata.category(text[-1:] or " ")[0] in "LMN"  # ends in a letter, mark or digit
    text = _checked(text)
    if len(text.split()) > MOST_WORDS_WITH_OPERATORS:
        return plain_query(text)
    kept, done = [], 0
    required: list[str] = []
    excluded: list[str] = []
    filters = Collector()
    for operator in _OPERATOR.finditer(text.translate(_QUOTES)):
        content = operator["phrase"] or operator["word"]
        if operator["key"]:
            value = operator["quoted"] or operator["value"]
            filters.take(operator["key"], value, negated=operator["not"] == "-", typed=operator[0])
        elif not any(map(str.isalnum, content)):
            continue
        elif operator["word"] or operator["minus"]:
            excluded.append(phrase(content))
        else:
            required.append(phrase(content))
        kept += [text[done : operator.start()], content if operator["phrase"] and not operator["minus"] else " "]
        done = operator.end()
    semantic = " ".join("".join([*kept, text[done:]]).split())
    if not semantic:
        what = "filters" if filters.typed and not excluded else "excludes"
        raise QueryError(f"The query only {what}.", hint="Say also what you look for.")
    return Query(
        semantic,
        _words(semantic, unfinished=unfinished and done < len(text)),
        _distinct(required),
        _distinct(excluded),
        filters.only,
        filters.never,
        tuple(filters.typed),
    )


def plain_query(text: str) -> Query:
    """A text to search for as it stands, without operators. Raises QueryError when it is empty or too long."""
    text = " ".join(_checked(text).split())
    return Query(text, _words(text))


def _checked(text: str) -> str:
    text = _NO_TEXT.sub(" ", text).strip()
    if not text:
        raise QueryError("The query is empty.", hint="Say what you look for.")
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise QueryError(f"The query is longer than {MAX_BYTES} bytes.", hint="Use fewer words.")
    return text


def _words(text: str, *, unfinished: bool = False) -> tuple[str, ...]:
    """The words to look up as FTS5 expressions; stop words only when there is nothing else."""
    plain: list[str] = []
    stops: list[str] = []
    shouting = text.isupper()
    terms = list(_terms(text))
    ends = (place for place in reversed(range(len(terms))) if text.endswith(terms[place]))
    last = next(ends, None) if unfinished else None
    for place, word in enumerate(terms):
        acronym = word.isupper() and len(word) > 1 and not shouting and word not in _OTHER_SYNTAX  # IT, US, WHO
        is_plain = acronym or word.lower() not in STOP_WORDS
        expression = prefix_expression(word.lower()) if is_plain and place == last else phrase(word.lower())
        (plain if is_plain else stops).append(expression)
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
