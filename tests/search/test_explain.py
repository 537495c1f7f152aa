"""An explanation adds up, stands where the text stands, and names the sentence that carries the match."""

from __future__ import annotations

import numpy as np
import pytest

from localsearch.encoder.onnx import Encoder
from localsearch.records import Explanation, encoded_text
from localsearch.search.explain import Encoded, explain_passages, sentence_score
from tests.conftest import TINY
from tests.encoder.conftest import Variant, variant

__all__ = ["variant"]

PASSAGES = [
    Encoded("Lease > Notice", "Notice\n\nThe tenant gives six months of notice. The rent is due on the first day."),
    Encoded("", "The rent is due."),
    Encoded("A title " * 30, "Short."),
    Encoded("Prices\narticle | price", "bolt | 0.20\nwasher | 0.05\n\nAll prices are net. They may change."),
    Encoded("合同", "通知期为三个月。租金每月一日支付。没有别的。"),
    Encoded("Long", "The harbour master keeps the tide table. " * 60),
    Encoded("Odd", "One \ud800 surrogate.\x1b[2J\u200b An e\u0301 and 🧑‍🚀."),
]
QUERY = "when is the rent due"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(TINY, threads=2)


def explained(encoder: Encoder, passage: Encoded) -> Explanation:
    (explanation,) = explain_passages(encoder, encoder.encode_query(QUERY), [passage])
    return explanation


@pytest.mark.parametrize("passage", PASSAGES, ids=range(len(PASSAGES)))
def test_the_shares_add_up_to_the_cosine(encoder: Encoder, passage: Encoded) -> None:
    explanation = explained(encoder, passage)
    (vector,) = encoder.encode_passages([encoded_text(passage.context, passage.text)])
    assert explanation.is_sum
    assert explanation.cosine == pytest.approx(float(vector @ encoder.encode_query(QUERY)), abs=1e-6)
    total = sum(token.share for token in explanation.tokens) + explanation.context + explanation.frame
    assert total == pytest.approx(explanation.cosine, abs=1e-6)
    assert sum(one.share for one in explanation.sentences) == pytest.approx(
        sum(token.share for token in explanation.tokens), abs=1e-6
    )


@pytest.mark.parametrize("passage", PASSAGES, ids=range(len(PASSAGES)))
def test_spans_are_in_order_and_inside_the_text(encoder: Encoder, passage: Encoded) -> None:
    explanation = explained(encoder, passage)
    for stretches in (explanation.tokens, explanation.sentences):
        edges = [edge for one in stretches for edge in (one.start, one.end)]
        assert edges == sorted(edges)
        assert all(0 <= edge <= len(passage.text) for edge in edges)
    start, end = explanation.best
    assert passage.text[start:end].strip()


def test_tokens_are_the_word_pieces_of_the_text(encoder: Encoder) -> None:
    explanation = explained(encoder, PASSAGES[1])
    assert [(one.start, one.end) for one in explanation.tokens] == encoder.token_offsets(PASSAGES[1].text)
    assert explanation.context == 0.0
    assert explanation.frame != 0.0


def test_sentences_and_rows(encoder: Encoder) -> None:
    explanation = explained(encoder, PASSAGES[3])
    assert [PASSAGES[3].text[one.start : one.end] for one in explanation.sentences] == [
        "bolt | 0.20",
        "washer | 0.05",
        "All prices are net.",
        "They may change.",
    ]


def test_the_best_sentence_carries_the_match(encoder: Encoder) -> None:
    start, end = explained(encoder, PASSAGES[0]).best
    assert PASSAGES[0].text[start:end] == "The rent is due on the first day."


def test_a_heading_does_not_win_by_being_short() -> None:
    assert sentence_score(0.5, 2) < sentence_score(0.4, 12)
    assert sentence_score(0.5, 12) > sentence_score(0.4, 12)


def test_what_the_window_cuts_off_has_no_share(encoder: Encoder) -> None:
    passage = PASSAGES[5]
    explanation = explained(encoder, passage)
    assert len(explanation.tokens) < encoder.max_tokens
    assert explanation.sentences[-1].end < len(passage.text)


def test_a_context_that_fills_the_window_leaves_the_text_without_share(encoder: Encoder) -> None:
    passage = Encoded("A title " * 300, "One sentence. Another sentence.")
    explanation = explained(encoder, passage)
    assert (explanation.tokens, explanation.sentences) == ((), ())
    assert explanation.best == (0, len("One sentence."))
    assert explanation.context + explanation.frame == pytest.approx(explanation.cosine, abs=1e-6)


def test_an_encoder_that_takes_one_token_gives_a_best_sentence_and_no_shares(variant: Variant) -> None:
    cls = Encoder.load(variant(pooling="cls"), threads=1)
    explanation = explained(cls, PASSAGES[0])
    assert not explanation.is_sum
    assert (explanation.tokens, explanation.sentences, explanation.context, explanation.frame) == ((), (), 0.0, 0.0)
    assert PASSAGES[0].text[slice(*explanation.best)] == "The rent is due on the first day."
    whole = encoded_text(PASSAGES[0].context, PASSAGES[0].text)
    np.testing.assert_allclose(explanation.cosine, cls.encode_query(QUERY) @ cls.encode_query(whole), atol=1e-6)


def test_no_passages_no_explanations(encoder: Encoder) -> None:
    assert explain_passages(encoder, encoder.encode_query(QUERY), []) == []
