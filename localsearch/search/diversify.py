"""The ranking is made; which k of it does a reader want to see?

One document must not crowd out the others, and the same text (a copied file, a repeated clause) is worth one look.
Nothing is lost: what is held back comes after the rest, so there are k hits whenever k exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

MOST_PER_DOCUMENT = 5


def diversified(documents: Sequence[int], texts: Sequence[int], k: int) -> list[int]:
    """Places (0-based, in the ranking) of the k hits to show, in the order to show them.

    `documents` and `texts` tell for each place of the ranking, best first, which document it belongs to and which
    text it is (equal numbers, equal texts). First come texts not seen before, at most five of a document; then
    the documents' other passages; then repeated texts. Within each the ranking's order stays.
    """
    shown: list[int] = []
    crowded: list[int] = []
    repeated: list[int] = []
    seen: set[int] = set()
    taken: Counter[int] = Counter()
    for place, (document, text) in enumerate(zip(documents, texts, strict=True)):
        if text in seen:
            repeated.append(place)
        elif taken[document] >= MOST_PER_DOCUMENT:
            crowded.append(place)
        else:
            shown.append(place)
            taken[document] += 1
        seen.add(text)
    return (shown + crowded + repeated)[:k]


def grouped(documents: Sequence[int], texts: Sequence[int], k: int) -> list[int]:
    """The same for one hit of each document, its best: k documents, those that only repeat another's text last."""
    best: dict[int, int] = {}
    for place, document in enumerate(documents):
        best.setdefault(document, place)
    places = list(best.values())
    chosen = diversified([documents[place] for place in places], [texts[place] for place in places], k)
    return [places[one] for one in chosen]
