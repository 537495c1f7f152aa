"""The ranking is made; which k of it does a reader want to see?

One document must not crowd out the others, one look at a page shows all of it, and the same text (a copied file, a
repeated clause) is worth one look. Nothing is lost: what is held back comes after the rest, so there are k hits
whenever k exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

MOST_PER_DOCUMENT = 7
"""A query that names a document wants it: its pages may fill most of a list of ten."""


def diversified(documents: Sequence[int], pages: Sequence[int | None], texts: Sequence[int], k: int) -> list[int]:
    """Places (0-based, in the ranking) of the k hits to show, in the order to show them.

    The arguments tell for each place of the ranking, best first, which document it belongs to, which page it stands
    on (None: no page) and which text it is (equal numbers, equal texts). First come texts not seen before, one of a
    page and at most seven of a document; then the documents' other passages; then repeated texts. Within each the
    ranking's order stays.
    """
    shown: list[int] = []
    crowded: list[int] = []
    repeated: list[int] = []
    seen: set[int] = set()
    read: set[tuple[int, int]] = set()
    taken: Counter[int] = Counter()
    for place, (document, page, text) in enumerate(zip(documents, pages, texts, strict=True)):
        if text in seen:
            repeated.append(place)
        elif taken[document] >= MOST_PER_DOCUMENT or (page is not None and (document, page) in read):
            crowded.append(place)
        else:
            shown.append(place)
            taken[document] += 1
            if page is not None:
                read.add((document, page))
        seen.add(text)
    return (shown + crowded + repeated)[:k]


def grouped(documents: Sequence[int], texts: Sequence[int], k: int) -> list[int]:
    """The same for one hit of each document, its best: k documents, those that only repeat another's text last."""
    best: dict[int, int] = {}
    for place, document in enumerate(documents):
        best.setdefault(document, place)
    places = list(best.values())
    texts = [texts[place] for place in places]
    chosen = diversified([documents[place] for place in places], [None] * len(places), texts, k)
    return [places[one] for one in chosen]
