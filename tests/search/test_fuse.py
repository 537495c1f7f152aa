"""The fused score is what its formula says, and each leg has its say where it knows something."""

from __future__ import annotations

import re

import numpy as np
import pytest

from localsearch.search.fuse import LEAST_TRUST, WORD, encoder_trust, fuse, known_share, unique_word


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def order(scores: np.ndarray) -> list[int]:
    return np.argsort(-scores).tolist()


def test_a_unique_word_is_worth_its_share_of_cosine() -> None:
    unit = unique_word(1_000)
    scores = fuse(array(0.50, 0.50 + WORD, 0.40), array(unit, 0.0, 0.0), passages=1_000)
    assert scores[0] == pytest.approx(scores[1])
    assert scores[2] < scores[0]


def test_scores_lie_between_0_and_1() -> None:
    scores = fuse(array(1.0, -1.0, 0.3), array(40.0, 0.0, 12.0), passages=10_000)
    assert scores.dtype == np.float32
    assert scores.tolist() == pytest.approx([1.0, 0.0, scores[2]])
    assert 0 < scores[2] < 1


def test_words_decide_where_the_encoder_knows_none_and_meaning_where_no_word_matches() -> None:
    cosines, bm25 = array(0.9, 0.2, 0.3), array(0.0, 20.0, 5.0)
    assert order(fuse(cosines, bm25, passages=1_000, known=1.0)) == [0, 1, 2]
    assert order(fuse(cosines, bm25, passages=1_000, known=0.0)) == [1, 2, 0]
    assert order(fuse(cosines, array(0, 0, 0), passages=1_000, known=0.0)) == [0, 2, 1]


def test_one_leg_alone_keeps_its_order() -> None:
    assert order(fuse(array(0.1, 0.9, -0.5), None, passages=9)) == [1, 0, 2]
    assert fuse(None, array(2.0, 4.0, 0.0), passages=9).tolist() == pytest.approx([0.5, 1.0, 0.0])
    assert fuse(array(), array(), passages=0).tolist() == []
    assert fuse(None, array(), passages=0).tolist() == []
    with pytest.raises(ValueError, match="nothing to fuse"):
        fuse(None, None, passages=9)


def test_trust_falls_below_the_threshold_only() -> None:
    assert encoder_trust(1.0) == encoder_trust(0.6) == 1.0
    assert 1.0 > encoder_trust(0.5) > encoder_trust(0.3) > encoder_trust(0.0) == LEAST_TRUST


def offsets(text: str, longest: int) -> list[tuple[int, int]]:
    """Word pieces of at most `longest` letters."""
    return [match.span() for match in re.finditer(rf"\w{{1,{longest}}}|[^\w\s]", text)]


@pytest.mark.parametrize(
    ("text", "longest", "share"),
    [
        ("notice period", 10, 1.0),
        ("notice period", 3, 0.5),
        ("notices period!", 6, (7 / 2 + 6) / 13),
        ("what is the", 2, 1.0),
        ("信息检索", 1, 0.0),
        ("信息检索", 2, 1.0),
        ("???", 1, 1.0),
        ("", 1, 1.0),
    ],
)
def test_known_share(text: str, longest: int, share: float) -> None:
    assert known_share(text, offsets(text, longest)) == pytest.approx(share)


def test_trust_falls_with_the_cube_of_what_the_encoder_knows() -> None:
    assert encoder_trust(0.55 / 2) == pytest.approx(1 / 8)
    assert encoder_trust(0.55 * 0.8) == pytest.approx(0.512)


def test_a_name_that_is_far_from_the_query_counts_nothing_against_a_passage() -> None:
    plain = fuse(array(0.4, 0.3), array(0.0, 0.0), names=array(0.0, 0.0), passages=9)
    assert fuse(array(0.4, 0.3), array(0.0, 0.0), names=array(-0.9, 0.0), passages=9).tolist() == plain.tolist()
    assert order(fuse(array(0.4, 0.3), None, names=array(-0.9, 0.0), passages=9)) == [0, 1]
    assert order(fuse(array(0.4, 0.3), None, names=array(0.0, 0.9), passages=9)) == [1, 0]
