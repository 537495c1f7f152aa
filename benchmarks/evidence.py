"""How often is a page that answers a question about an annual report among the first hits, and what brings it there?

Measured: share of the questions with an evidence page in the first 5 and the first 10 hits of `Index.search(k=10)`, and
with the right report in the first 5. The reports are indexed by the package as files. Each row has one
change more than the one before; the last row is the package.

    python benchmarks/evidence.py [FOLDER] [--rows NAME ...]

FOLDER holds pdfs/ and questions.json: a list of objects with question, document and evidence_pages (1-based).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

from common import SHARED, save, wanted

from localsearch import Index

OFF = {
    "page titles": ("localsearch.ingest.split.with_page_titles", lambda document: document),
    "smaller passages of figures": ("localsearch.ingest.units._FIGURES", 1.0),
    "one hit a page": ("localsearch.search.present._page", lambda passage: None),
    "seven hits a document, not three": ("localsearch.search.diversify.MOST_PER_DOCUMENT", 3),
    "names of files": ("localsearch.search.fuse.NAME", 0.0),
}
"""What was added, and how it is taken out again."""


WHEN_INDEXED = ("page titles", "smaller passages of figures")
"""The other changes need no new index."""


@contextmanager
def without(parts: list[str]) -> Iterator[None]:
    with ExitStack() as stack:
        for part in parts:
            stack.enter_context(patch(*OFF[part]))
        yield


def shares(index: Index, questions: list[dict[str, object]]) -> dict[str, float]:
    found = {"page in 5": 0, "page in 10": 0, "report in 5": 0}
    for question in questions:
        hits = index.search(str(question["question"]), k=10)
        right = [hit.path.name == question["document"] for hit in hits]
        evidence = [one and hit.page in question["evidence_pages"] for one, hit in zip(right, hits, strict=True)]
        found["page in 5"] += any(evidence[:5])
        found["page in 10"] += any(evidence)
        found["report in 5"] += any(right[:5])
    return {name: round(count / len(questions), 3) for name, count in found.items()} | {"questions": len(questions)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "data" / "financebench")
    parser.add_argument("--rows", nargs="*", type=int, help="rows to measure, 0 to 5; all unless given")
    arguments = parser.parse_args()
    folder = wanted(arguments.folder)
    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    parts, table = list(OFF), {}
    with tempfile.TemporaryDirectory() as where:
        for row in range(len(parts) + 1):
            if arguments.rows is not None and row not in arguments.rows:
                continue
            name = f"+ {parts[row - 1]}" if row else "nothing of the below"
            place = Path(where, str(sum(part in WHEN_INDEXED for part in parts[row:])))
            with without(parts[row:]), Index.open(place) if place.exists() else Index.create(place) as index:
                report = index.add(folder / "pdfs")
                table[name] = shares(index, questions) | {"passages": report.passages}
            print(name, table[name], flush=True)
    save("evidence", table)


if __name__ == "__main__":
    main()
