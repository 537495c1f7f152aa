"""A word of the query is in no passage: which word of the index is nearly spelled like it?

The index knows stems only, and a misspelled word is often stemmed in another way. So stems show the way, and the
words as passages spell them are compared: first those whose stem begins with the same three letters, then those that
are one edit within these away. When all words are known, that they are is all that is looked up.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from localsearch.records import Suggestion
from localsearch.search.prefix import stems
from localsearch.search.stopwords import STOP_WORDS
from localsearch.store.checksums import is_intact, selected
from localsearch.store.words import phrase, pieces

if TYPE_CHECKING:
    from localsearch.search.query import Query
    from localsearch.store.sqlite import Connection

MOST = 3
"""Words that get a suggestion; a text with more of them is in another language than the index."""
SHORTEST = 4
"""Letters: nearly every word of three is one edit from another."""
LONG = 8
"""Letters from which two edits are a slip; before, one (the bounds of fuzziness AUTO in other engines are 3 and 6)."""
_ACRONYM = 5
"""Capitals up to which a word is an acronym."""
_HEAD = 3
_STEMS = 6
"""Stems whose words are looked at."""
_PASSAGES = 4
"""Passages of each that are read for how they spell it."""

_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def suggestions(connection: Connection, query: Query) -> tuple[Suggestion, ...]:
    """For words of the query that no passage has, the nearest words that one has."""
    unknown = [word for word in _words(query) if not _is_known(connection, word)]
    if not unknown or len(unknown) > MOST:
        return ()
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.stems USING fts5vocab (main, words, row)")
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.places USING fts5vocab (main, words, instance)")
    found = ((word, _nearest(connection, word)) for word in unknown)
    return tuple(Suggestion(word, instead) for word, instead in found if instead)


def _words(query: Query) -> Iterator[str]:
    """The words of the query that may be misspelled: no codes, no acronyms, no scripts without spaces."""
    typed = set(_WORD.findall(query.semantic))
    for expression in query.words:
        word = expression.strip('"')
        acronym = len(word) <= _ACRONYM and word.upper() in typed
        if len(word) >= SHORTEST and word.isalpha() and not acronym and not any(one.unspaced for one in pieces(word)):
            yield word


def _is_known(connection: Connection, word: str) -> bool:
    match = "SELECT 1 FROM words WHERE words MATCH ? LIMIT 1"
    return connection.execute(match, (phrase(word),)).fetchone() is not None


def _nearest(connection: Connection, word: str) -> str:
    """The best word that passages have instead of `word`; empty when none is near."""
    plain = _plain(word)
    most = 2 if len(plain) >= LONG else 1
    near = _spelled(connection, plain, most, _stems_like(connection, plain))
    if not near or min(near.values()) > 1:
        near |= _spelled(connection, plain, 1, _stems_of_edits(connection, plain))
    if not near:
        return ""

    def order(other: str) -> tuple[bool, int, bool, str]:
        return _plain(other)[0] != plain[0], -_frequency(connection, other), not other.islower(), other

    least = min(near.values())
    best = [other for other, edits in near.items() if edits == least]
    return best[0] if len(best) == 1 else min(best, key=order)


def _frequency(connection: Connection, word: str) -> int:
    """Passages that have the word, counted up to 1,000."""
    match = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT 1000)"
    return int(connection.execute(match, (phrase(word.lower()),)).fetchone()[0])


def _stems_like(connection: Connection, word: str) -> list[str]:
    """Stems with the same first letters, those most like the word first."""
    head = word[:_HEAD]
    rows = connection.execute("SELECT term FROM stems WHERE term >= ? AND term < ?", (head, head + "\U0010ffff"))
    letters = set(word)
    possible = [stem for (stem,) in rows if len(stem) <= len(word) + 2 and len(letters.union(stem)) <= len(letters) + 2]
    return sorted(possible, key=lambda stem: (edits_between(word, stem), stem))[:_STEMS]


def _stems_of_edits(connection: Connection, word: str) -> list[str]:
    """Stems of words that are one edit in the first letters away, if passages have them."""
    known = [other for other in _edited(word) if _is_known(connection, other)]
    return list(dict.fromkeys(stems(known)))[:_STEMS]


def _edited(word: str) -> Iterator[str]:
    for place in range(_HEAD):
        before, after = word[:place], word[place:]
        yield before + after[1:]
        yield before + after[1] + after[0] + after[2:]
        for letter in _LETTERS:
            yield before + letter + after[1:]
            yield before + letter + after


def _spelled(connection: Connection, word: str, most: int, terms: Iterable[str]) -> dict[str, int]:
    """Words of passages with these stems that are at most so many edits from `word`, and how many."""
    rows = [
        row
        for term in terms
        for (row,) in connection.execute("SELECT DISTINCT doc FROM places WHERE term = ? LIMIT ?", (term, _PASSAGES))
    ]
    texts = connection.execute(
        f"SELECT text, context, {selected('passages')} FROM passages WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(rows),),
    )
    true = (row[:2] for row in texts if is_intact("passages", row[2:]))
    spelled = {other for pair in true for text in pair for other in _WORD.findall(text)}
    spelled = {other for other in spelled if other.lower() not in STOP_WORDS}
    letters, near = set(word), {}
    for other in spelled:
        if abs(len(other) - len(word)) > most or len(letters.symmetric_difference(plain := _plain(other))) > 2 * most:
            continue  # an edit changes at most two letters
        if (edits := edits_between(word, plain, most)) <= most:
            near[other] = edits
    return near


def _plain(word: str) -> str:
    """Without case and accents, as FTS5 compares words."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFD", word.lower())
    return unicodedata.normalize("NFC", "".join(one for one in letters if unicodedata.category(one) != "Mn"))


def edits_between(one: str, other: str, most: int = 99) -> int:
    """Letters to insert, delete, replace or swap with their neighbour: optimal string alignment distance.

    (Damerau, CACM 1964; Boytsov, JEA 2011, section 2.) Anything above `most` is told as `most` + 1.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        before, last = row, before
        row = [place]
        for at, (previous, theirs) in enumerate(zip(f" {other}", other, strict=False), start=1):
            cost = min(before[at] + 1, row[-1] + 1, before[at - 1] + (letter != theirs))
            if last and at > 1 and letter == previous and one[place - 2] == theirs:
                cost = min(cost, last[at - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
