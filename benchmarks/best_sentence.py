"""Which sentence of a passage holds the answer to the question that found it?

Measured: how often the sentence (or table row) that a rule calls best is the one in which the answer begins, over the
60 questions of sample_docs with their answers. The passage is the judged one: of those of the right file that hold the
answer, the nearest to the question. `mrr`: mean of 1 / place of the right sentence. `snippets`: how often the answer's
first 40 characters are in a snippet of three lines on a terminal of 80 columns.

    python benchmarks/best_sentence.py
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common import ROOT, save
from numpy.typing import NDArray

from localsearch import Index
from localsearch.encoder.onnx import Encoder
from localsearch.records import encoded_text
from localsearch.search.explain import Encoded, sentence_score, taken_apart
from localsearch.search.highlight import matched_spans
from localsearch.search.query import parse_query
from localsearch.search.snippet import Snippet, snippet
from localsearch.sentences import sentences_and_rows

SNIPPET = 77 * 3 - 5
"""Characters, as in cli/hits.py."""
SAMPLE = ROOT / "sample_docs"
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One question and the sentences of the passage that answers it; each array has one value per sentence."""

    right: NDArray[np.bool_]
    pieces: Values
    total: Values
    """Sum of the shares."""
    cosine: Values
    """Of the sum of the sentence's token vectors, made within the passage."""
    apart: Values
    """Cosine of the sentence encoded alone."""
    apart_in_context: Values
    """The same with title and headings before it."""
    words: Values
    """Different words of the query in the sentence."""
    shown_by_words: bool
    """Whether a snippet where the words are close shows the answer."""
    shown_by_best: bool
    """Whether a snippet with the best sentence does."""


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]


def cases(encoder: Encoder, stored: list[tuple[str, str, str]]) -> Iterator[Case]:
    questions = {row["_id"]: row["text"] for row in rows("queries.jsonl")}
    for row in rows("answers.jsonl"):
        query = encoder.encode_query(parse_query(questions[row["_id"]]).semantic)
        held = [
            (context, text)
            for path, context, text in stored
            if path == str(SAMPLE / row["path"]) and starts_of(row["answer"], text)
        ]
        cosines = encoder.encode_passages([encoded_text(*one) for one in held]) @ query
        context, text = held[int(np.argmax(cosines))]
        yield case(encoder, query, questions[row["_id"]], row["answer"], Encoded(context, text))


def case(encoder: Encoder, query: NDArray[np.float32], question: str, answer: str, passage: Encoded) -> Case:
    context, text = passage.context, passage.text
    whole = encoded_text(context, text)
    (parts,) = encoder.take_apart([whole])
    assert parts is not None
    explanation = taken_apart(query, text, len(whole) - len(text), parts)
    shares = {(one.start, one.end): one.share for one in explanation.sentences}
    spans = [span for span in sentences_and_rows(text) if span in shares]
    begin = len(whole) - len(text)
    members = [
        [row for row, span in enumerate(parts.spans) if span and start < span[1] - begin <= end] for start, end in spans
    ]
    sums = [parts.rows[own].sum(axis=0) for own in members]
    cuts = [text[start:end] for start, end in spans]
    marked = matched_spans([text], parse_query(question))[0]
    return Case(
        right=np.array([any(start <= at < end for at in starts_of(answer, text)) for start, end in spans]),
        pieces=np.array([len(own) for own in members], float),
        total=np.array([shares[span] for span in spans]),
        cosine=np.array([float(one @ query) / float(np.linalg.norm(one)) for one in sums]),
        apart=np.asarray(encoder.encode_passages(cuts) @ query, float),
        apart_in_context=np.asarray(
            encoder.encode_passages([encoded_text(context, cut) for cut in cuts]) @ query, float
        ),
        words=np.array(
            [len({text[a:b].lower() for a, b in marked if start <= a < end}) for start, end in spans], float
        ),
        shown_by_words=shows(snippet(text, marked, width=SNIPPET), answer),
        shown_by_best=shows(snippet(text, marked, best=explanation.best, width=SNIPPET), answer),
    )


def shows(part: Snippet, answer: str) -> bool:
    return bool(starts_of("".join(answer.split())[:40], part.text))


def starts_of(answer: str, text: str) -> list[int]:
    """Where `answer` begins in `text`, line ends and blanks aside."""
    places = [at for at, character in enumerate(text) if not character.isspace()]
    packed, wanted = "".join(text[at] for at in places), "".join(answer.split())
    found, at = [], packed.find(wanted)
    while at >= 0:
        found.append(places[at])
        at = packed.find(wanted, at + 1)
    return found


Rule = Callable[[Case], Values]


def damped(values: Values, pieces: Values, neutral: float) -> Values:
    return values * pieces / (pieces + neutral)


RULES: dict[str, Rule] = {
    "the longest sentence": lambda one: one.pieces,
    "most different words of the query": lambda one: one.words + 1e-3 * one.cosine,
    "sum of shares": lambda one: one.total,
    "mean share": lambda one: one.total / one.pieces,
    "sum less pieces x mean of the passage": lambda one: one.total - one.pieces * one.total.sum() / one.pieces.sum(),
    "sum / square root of pieces": lambda one: one.total / np.sqrt(one.pieces),
    "sum / (pieces + 10)": lambda one: one.total / (one.pieces + 10),
    "cosine of its tokens": lambda one: one.cosine,
    "cosine of its tokens + 0.05 a word": lambda one: one.cosine + 0.05 * one.words,
    **{
        f"cosine of its tokens x n / (n + {neutral})": lambda one, neutral=neutral: damped(
            one.cosine, one.pieces, neutral
        )
        for neutral in (3, 5, 10, 15, 20, 30)
    },
    "the same with 10, + 0.05 a word": lambda one: damped(one.cosine, one.pieces, 10) + 0.05 * one.words,
    "the package": lambda one: np.array(
        [sentence_score(cosine, int(pieces)) for cosine, pieces in zip(one.cosine, one.pieces, strict=True)]
    ),
    "each sentence encoded apart": lambda one: one.apart,
    "apart, under its headings": lambda one: one.apart_in_context,
    "apart x n / (n + 15)": lambda one: damped(one.apart, one.pieces, 15),
    "apart, under its headings, x n / (n + 15)": lambda one: damped(one.apart_in_context, one.pieces, 15),
}


def measure(rule: Rule, all_cases: list[Case]) -> dict[str, float]:
    ranked = [one.right[np.argsort(-rule(one), kind="stable")] for one in all_cases]
    return {
        "right": int(sum(order[0] for order in ranked)),
        "mrr": round(float(np.mean([1 / (1 + int(np.argmax(order))) for order in ranked])), 3),
    }


def main() -> None:
    encoder = Encoder.load()
    with tempfile.TemporaryDirectory() as folder, Index.create(Path(folder) / "index") as index:
        index.add(SAMPLE)
        with index._reader.snapshot() as connection:
            stored = [
                (path.decode(), context, text)
                for path, context, text in connection.execute(
                    "SELECT files.path, context, text FROM passages JOIN documents ON documents.id = document_id"
                    " JOIN files ON files.id = documents.file_id"
                )
            ]
    measured = list(cases(encoder, stored))
    save(
        "best_sentence",
        {
            "questions": len(measured),
            "sentences_per_passage": round(float(np.mean([len(one.right) for one in measured])), 1),
            "right_by_chance": round(float(sum(np.mean(one.right) for one in measured)), 1),
            "snippets": {
                "words": sum(one.shown_by_words for one in measured),
                "best sentence and words": sum(one.shown_by_best for one in measured),
            },
            "rules": {name: measure(rule, measured) for name, rule in RULES.items()},
        },
    )


main()
