"""The word that is still being typed: what in the index may it become?

FTS5 finds `"contr" *` by itself. Two things it does not do. Its stemmer cuts a word that is not finished in another way
than the finished one: `runnin` stays, `running` is indexed as `run`, so the stems of likely endings are looked up
too. And a prefix of one or two letters matches most of an index: it counts as a whole word only.
"""

from __future__ import annotations

from collections.abc import Sequence

from localsearch.store.words import TOKENIZER, phrase

SHORTEST = 3
"""Letters from which a prefix is one. Two (`co`) may match 9 in 10 of 100,000 passages: 80 ms only to find them."""
_ENDINGS = """
s es ed er ers ing ings ion ions ation ations ational ization izations ize izes ized izing ise ised ising al ally
able ably ible ibly ance ances ence ences ant ants ent ents ment ments ness ful fully fulness ous ously ousness
ive ively iveness ity ities y ies ied ly ism ist ists
"""


def prefix_expression(word: str) -> str:
    """The FTS5 expression for words that begin with `word`, lower case; the word itself when it is too short."""
    whole = phrase(word)
    if len(word) < SHORTEST or whole.endswith("*"):
        return whole
    begins = f"{whole} *"
    if not (word.isascii() and word.isalpha()):
        return begins
    endings = [
        word + ending[length:]
        for ending in _ENDINGS.split()
        for length in range(len(ending))
        if word.endswith(ending[:length])
    ]
    stem, *others = stems([word, *endings])
    if len(word) - len(stem) > 1:
        begins = whole  # a word with its ending, like `running`: what begins with `run` is not meant
    chosen: dict[str, str] = {}
    for ending, other in zip(endings, others, strict=True):
        if len(other) >= SHORTEST and word.startswith(other[:-1]) and not other.startswith(stem):
            chosen.setdefault(other, phrase(ending))
    return f"({' OR '.join([begins, *chosen.values()])})" if chosen else begins


def stems(words: Sequence[str]) -> list[str]:
    """What FTS5's tokeniser makes of single words of letters."""
    from localsearch.store.sqlite import sqlite3

    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(f'CREATE VIRTUAL TABLE given USING fts5 (word, tokenize = "{TOKENIZER}")')
        connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab (given, instance)")
        connection.executemany("INSERT INTO given (rowid, word) VALUES (?, ?)", enumerate(words))
        found = dict(connection.execute("SELECT doc, term FROM terms"))
    finally:
        connection.close()
    return [found.get(place, word) for place, word in enumerate(words)]
