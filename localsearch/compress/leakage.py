"""What is measured on must not be learned from: texts that share a row of words with a judged collection."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localsearch.evaluate import Dataset

IN_A_ROW = 10
"""Words: long enough that no two texts have them by chance, short enough that an excerpt has them."""
_WORD = re.compile(r"\w+")


def judged_rows(sets: Mapping[str, Dataset]) -> frozenset[int]:
    """Every row of words of the queries and of the documents that answer one, titles included."""
    rows: set[int] = set()
    for data in sets.values():
        for query, grades in data.judgements.items():
            rows |= rows_of(data.queries.get(query, ""))
            for name, grade in grades.items():
                if grade > 0 and name in data.documents:
                    document = data.documents[name]
                    rows |= rows_of(document.title) | rows_of(document.text)
    return frozenset(rows)


def rows_of(text: str) -> set[int]:
    """Each row of words as a number, the same in every process; of a text with fewer words, all of them as one."""
    words = _WORD.findall(text.lower())
    rows = [words[at : at + IN_A_ROW] for at in range(max(1, len(words) - IN_A_ROW + 1))] if words else []
    return {
        int.from_bytes(hashlib.blake2b(" ".join(row).encode("utf-8", "replace"), digest_size=8).digest())
        for row in rows
    }


def unjudged(texts: Iterable[str], rows: frozenset[int]) -> Iterator[str]:
    """The texts that share none of `rows`."""
    return (text for text in texts if not rows or rows.isdisjoint(rows_of(text)))
