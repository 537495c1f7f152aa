"""No document crowds out the others, no text is shown twice while others wait, and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localsearch.search.diversify import MOST_PER_DOCUMENT, diversified, grouped

NONE = [None] * 20


def test_a_document_gets_seven_places_before_the_others_are_served() -> None:
    documents = [1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3]
    assert diversified(documents, NONE[:11], range(11), 9) == [0, 1, 2, 3, 4, 5, 6, 9, 10]
    assert diversified(documents, NONE[:11], range(11), 11) == [0, 1, 2, 3, 4, 5, 6, 9, 10, 7, 8]


def test_a_page_gets_one_place_before_the_others_are_served() -> None:
    documents, pages = [1, 1, 1, 2, 1], [5, 5, 6, 5, None]
    assert diversified(documents, pages, range(5), 4) == [0, 2, 3, 4]
    assert diversified(documents, pages, range(5), 5) == [0, 2, 3, 4, 1]


def test_a_repeated_text_comes_last() -> None:
    assert diversified([1, 2, 3, 4], NONE[:4], [7, 7, 8, 7], 2) == [0, 2]
    assert diversified([1, 2, 3, 4], NONE[:4], [7, 7, 8, 7], 4) == [0, 2, 1, 3]
    assert diversified([1, 1, 1, 2, 1], NONE[:5], [5, 6, 7, 5, 8], 5) == [0, 1, 2, 4, 3]


def test_each_document_gives_its_best_and_copies_come_last() -> None:
    assert grouped([1, 1, 2, 1, 3], [1, 2, 3, 4, 5], 9) == [0, 2, 4]
    assert grouped([1, 1, 2, 1, 3], [1, 2, 1, 4, 5], 9) == [0, 4, 2]
    assert grouped([1, 2, 3], [1, 2, 3], 2) == [0, 1]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=40), st.integers(0, 45))
def test_invariants(places: list[tuple[int, int]], k: int) -> None:
    documents, texts = [one for one, _ in places], [text for _, text in places]
    shown = diversified(documents, [None] * len(places), texts, k)
    assert len(shown) == len(set(shown)) == min(k, len(places))
    first = [place for place in shown if texts.index(texts[place]) == place]
    if len(first) < len(shown):  # repeats are shown only when every other text is
        assert len(set(texts)) == len(first)
    if k and places:
        assert shown[0] == 0
        crowded = [
            place
            for place in first
            if [documents[i] for i in first[: first.index(place)]].count(documents[place]) >= MOST_PER_DOCUMENT
        ]
        assert crowded == sorted(crowded)
