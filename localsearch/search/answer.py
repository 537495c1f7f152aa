"""Which sentence answers the question, and does any? The best sentence of the best hit, and how sure that is.

Whether a passage answers is judged by its cosine and by how well it meets each important word of the question: the
largest cosine between the word's token vectors and the passage's (the MaxSim of ColBERT: Khattab and Zaharia, SIGIR
2020), words weighed by their idf. A question about dogs that finds a passage about leave is near it in all but one
word. A logistic regression makes a probability of both; docs/decisions/0012-answers.md has its data and its errors.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localsearch.records import Answer, encoded_text
from localsearch.search.explain import Encoded, contexts, explain_passages, taken_apart
from localsearch.search.fuse import TRUSTED, known_share
from localsearch.search.keyword import passages_with
from localsearch.search.stopwords import STOP_WORDS

if TYPE_CHECKING:
    from localsearch.encoder.onnx import Encoder
    from localsearch.encoder.parts import Parts
    from localsearch.records import Float32Matrix, Hit
    from localsearch.store.snapshot import Reader
    from localsearch.store.sqlite import Connection

ANSWERED = 0.45
"""Confidence from which a sentence is given as the answer."""
LOOKED_AT = 3
"""First hits that may hold the answer."""
LEAD = 0.05
"""By so much a later hit's confidence must exceed the first one's."""
MET, COSINE, BIAS = 7.7, 4.35, -6.5
"""Logistic regression of "the passage answers" on the two measures, fitted on four collections."""
COSINE_ALONE, BIAS_ALONE = 9.1, -4.45
"""The same for encoders whose vectors are no sums over tokens."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the encoder sees it."""

    text: str
    parts: Parts | None
    """None where the encoder's vectors are no sums over tokens."""
    rarity: Mapping[str, float]
    """Idf of its words, lower case."""
    known: float
    """How well the encoder knows its words, 0 to 1: see `fuse.known_share`."""


def asked(reader: Reader, connection: Connection, encoder: Encoder, text: str) -> Question:
    """The question as the encoder sees it, its words weighed by what the index holds."""
    total = reader.vectors(connection).passages
    rare = {word: rarity(passages_with(connection, word), total) for word in question_words(text)}
    return Question(text, encoder.take_apart_query(text), rare, known_share(text, encoder.token_offsets(text)))


def answer_from(
    reader: Reader, connection: Connection, encoder: Encoder, question: Question, hits: Sequence[Hit]
) -> Answer:
    """The answer in the first of these hits, best first, at the cost of one run of the encoder for each.

    Raises EncoderError, and PathProblem when a hit's passage is gone.
    """
    hits = hits[:LOOKED_AT]
    if not hits:
        return Answer()
    passages = [Encoded(*one) for one in contexts(reader, connection, hits)]
    parts = encoder.take_apart([encoded_text(one.context, one.text) for one in passages])
    sure = [confidence(question, hit, one) for hit, one in zip(hits, parts, strict=True)]
    place = max(range(len(hits)), key=lambda one: sure[one] - (LEAD if one else 0.0))
    hit = hits[place]
    start, end = best_sentence(encoder, question, hit, passages[place], parts[place])
    return Answer(
        text=hit.text[start:end],
        hit=hit,
        start=start,
        end=end,
        confidence=sure[place],
        answered=sure[place] >= ANSWERED,
    )


def confidence(question: Question, hit: Hit, parts: Parts | None) -> float:
    """How probable it is that this hit answers, 0 to 1, among as many questions with an answer as without."""
    cosine = hit.why.cosine or 0.0
    trust = min(1.0, question.known / TRUSTED)  # a question in a language it does not know is near to anything
    met = None if question.parts is None or parts is None else words_met(question, question.parts, parts.rows)
    if met is None:
        return trust * _logistic(COSINE_ALONE * cosine + BIAS_ALONE)
    return trust * _logistic(MET * met + COSINE * cosine + BIAS)


def words_met(question: Question, parts: Parts, passage: Float32Matrix) -> float | None:
    """How well a passage's tokens, (tokens, dim), meet the question's words, -1 to 1; None without such a word."""
    import numpy as np

    nearest = (_unit_rows(parts.rows) @ _unit_rows(passage).T).max(axis=1)  # (question's tokens,)
    total = weight = 0.0
    for word, rows in _words(question.text, parts):
        rarity = question.rarity.get(word, 0.0)
        total += rarity * float(np.mean(nearest[rows]))
        weight += rarity
    return total / weight if weight else None


def _words(text: str, parts: Parts) -> list[tuple[str, list[int]]]:
    """The words of the question that say what is asked, each with the rows of its word pieces."""
    found = []
    for match in _WORD.finditer(text):
        word = match[0].lower()
        rows = [
            row
            for row, span in enumerate(parts.spans)
            if span and span[0] >= match.start() and span[0] < span[1] <= match.end()
        ]
        if rows and word not in STOP_WORDS:
            found.append((word, rows))
    return found


def question_words(text: str) -> list[str]:
    """The words whose idf `Question.rarity` must have, lower case, each once."""
    words = (match[0].lower() for match in _WORD.finditer(text))
    return list(dict.fromkeys(word for word in words if word not in STOP_WORDS))


def best_sentence(
    encoder: Encoder, question: Question, hit: Hit, passage: Encoded, parts: Parts | None
) -> tuple[int, int]:
    """The sentence or row of a hit that carries the match, as `Hit.best` has it."""
    if hit.best is not None:
        return hit.best
    if question.parts is None or parts is None:
        return explain_passages(encoder, encoder.encode_query(question.text), [passage])[0].best
    begin = len(encoded_text(passage.context, passage.text)) - len(passage.text)
    return taken_apart(question.parts.vector, passage.text, begin, parts).best


def rarity(rows: int, passages: int) -> float:
    """Idf of a word that so many of the passages have, smoothed: log(1 + N / (1 + n))."""
    return math.log(1.0 + passages / (1.0 + rows))


def _unit_rows(matrix: Float32Matrix) -> Float32Matrix:
    import numpy as np

    unit: Float32Matrix = matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)
    return unit


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value))
