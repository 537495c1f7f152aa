"""Does `Index.answer` quote the judged passage, and is it silent when nothing answers?

For each collection, with its whole text indexed:

- *asked*: its questions. `answered`: share that gets an answer; `right`: share of these whose quoted passage is judged
  relevant (sample_docs: is in a judged file).
- *gone*: the same questions, the judged documents forgotten. `silent`: share without an answer. (In an FAQ another
  entry often answers as well.)
- *strange*: questions of another collection.
- *unanswerable*: sample_docs/unanswerable.jsonl.

`sentences`: share of the 60 sample questions whose quoted sentence holds the beginning of the answer that
sample_docs/answers.jsonl gives, of those whose passage is of the right file. `calibration`: mean absolute difference
between confidence and share of right answers, in ten classes of equal size, asked and gone together. `ms`: median time
of one answer with its search. The confidence was fitted on these collections with an earlier splitter.

    python benchmarks/answers.py [FOLDER] [--only NAME ...] [--most N]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from common import ROOT, SHARED, save, wanted

from localsearch import Answer, Index
from localsearch.evaluate import read_dataset

SAMPLE = "sample_docs"
SETS = (SAMPLE, "clapnq-dev", "xquad-en", "stackfaq-answeronly")
STRANGE = {SAMPLE: "clapnq-dev", "clapnq-dev": SAMPLE, "xquad-en": "clapnq-dev", "stackfaq-answeronly": SAMPLE}


@dataclass(frozen=True)
class Question:
    text: str
    judged: frozenset[str]
    """Paths, as hits have them."""
    answer: str = ""


def questions(folder: Path, name: str) -> list[Question]:
    """All questions of a collection, in an order of chance."""
    if name == SAMPLE:
        return sample_questions()
    data = read_dataset(folder / name)
    found = [
        Question(text, frozenset(one for one, grade in data.judgements[query].items() if grade > 0))
        for query, text in data.queries.items()
        if query in data.judgements
    ]
    random.Random(7).shuffle(found)
    return found


def sample_questions() -> list[Question]:
    folder = ROOT / SAMPLE
    texts = {row["_id"]: row["text"] for row in lines(folder / "queries.jsonl")}
    answers = {row["_id"]: row["answer"] for row in lines(folder / "answers.jsonl")}
    judged: dict[str, set[str]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, path, grade = line.split("\t")
        if int(grade) > 0:
            judged.setdefault(query, set()).add(str((folder / path).resolve()))
    return [Question(texts[one], frozenset(judged[one]), answers.get(one, "")) for one in judged]


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def fill(index: Index, folder: Path, name: str, where: Path) -> dict[str, str]:
    """Index a collection, each document a file below `where`; path to name of the document."""
    if name == SAMPLE:
        index.add(ROOT / SAMPLE)
        return {}
    names = {}
    where.mkdir()
    for number, (document, content) in enumerate(read_dataset(folder / name).documents.items()):
        path = where / f"{number}.md"
        path.write_text(f"# {content.title}\n\n{content.text}\n" if content.title else content.text, encoding="utf-8")
        names[str(path)] = document
    index.add(where)
    return names


def place(answer: Answer, names: dict[str, str]) -> str:
    """The document an answer is from, as judgements name it."""
    path = "" if answer.hit is None else str(answer.hit.path)
    return names.get(path, path)


def without_judged(index: Index, question: Question, names: dict[str, str]) -> Answer:
    """The answer when the judged documents are not there: their hits are passed over."""
    found = index.search(question.text, k=30)
    hits = [hit for hit in found if names.get(str(hit.path), str(hit.path)) not in question.judged]
    return index.answer_from(question.text, hits[:10])


def measure(index: Index, asked: list[Question], strange: list[Question], names: dict[str, str]) -> dict[str, object]:
    times, answers = [], []
    for question in asked:
        begun = time.perf_counter()
        answers.append(index.answer(question.text))
        times.append(1000 * (time.perf_counter() - begun))
    right = [place(answer, names) in question.judged for answer, question in zip(answers, asked, strict=True)]
    gone = [without_judged(index, question, names) for question in asked]
    given = [one for answer, one in zip(answers, right, strict=True) if answer.answered]
    pairs = [
        *((answer.confidence, one) for answer, one in zip(answers, right, strict=True)),
        *((answer.confidence, False) for answer in gone),
    ]
    return {
        "questions": len(asked),
        "answered": share(answer.answered for answer in answers),
        "right": share(given),
        "silent when gone": share(not answer.answered for answer in gone),
        "silent when strange": share(not index.answer(question.text).answered for question in strange),
        "calibration": round(calibration(pairs), 3),
        "ms": round(statistics.median(times), 1),
    }


def share(values: Iterable[bool]) -> float:
    known = list(values)
    return round(sum(known) / len(known), 3) if known else 0.0


def calibration(pairs: list[tuple[float, bool]]) -> float:
    pairs.sort()
    size = -(-len(pairs) // 10)
    classes = [pairs[start : start + size] for start in range(0, len(pairs), size)]
    return sum(
        abs(sum(sure for sure, _ in one) / len(one) - sum(right for _, right in one) / len(one)) * len(one)
        for one in classes
    ) / len(pairs)


def sentences(index: Index, asked: list[Question]) -> dict[str, object]:
    """How the sentence within the right file fares; and the questions that nothing answers."""
    answers = [(question, index.answer(question.text)) for question in asked]
    inside = [(question, answer) for question, answer in answers if place(answer, {}) in question.judged]
    right = [begins(question.answer) in squeezed(answer.text) for question, answer in inside]
    unanswerable = [row["text"] for row in lines(ROOT / SAMPLE / "unanswerable.jsonl")]
    return {
        "sentences": share(right),
        "of": len(right),
        "silent when unanswerable": share(not index.answer(text).answered for text in unanswerable),
    }


def begins(answer: str) -> str:
    return squeezed(answer)[:25]


def squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "data" / "beir")
    parser.add_argument("--only", nargs="*", default=SETS, choices=SETS)
    parser.add_argument("--most", type=int, default=300, help="questions of a collection")
    arguments = parser.parse_args()
    result: dict[str, dict[str, object]] = {}
    for name in arguments.only:
        with tempfile.TemporaryDirectory() as where, Index.create(f"{where}/index") as index:
            names = fill(index, wanted(arguments.folder), name, Path(where) / "docs")
            asked = questions(arguments.folder, name)[: arguments.most]
            result[name] = measure(index, asked, questions(arguments.folder, STRANGE[name])[:100], names)
            if name == SAMPLE:
                result[name] |= sentences(index, asked)
        print(name, result[name], flush=True)
    save("answers", result)


if __name__ == "__main__":
    main()
