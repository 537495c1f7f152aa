"""Every document of a hostile public corpus gives text or one clear line; the ordinary ones give their words."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from localsearch.ingest.parse.pool import ParserPool
from localsearch.records import Parsed

pytestmark = [pytest.mark.shared, pytest.mark.timeout(600)]

MARKUP = re.compile(r"<!--.*?-->|!\[.*?\]\(.*?\)|\]\(.*?\)")


def parse_file(pool: ParserPool, path: Path) -> Parsed:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return pool.parse(descriptor, path.name)
    finally:
        os.close(descriptor)


def peak_memory(pool: ParserPool) -> int:
    """Bytes that any living worker has held at its worst."""
    peak = 0
    for worker in list(pool._started):
        try:
            status = Path(f"/proc/{worker._process.pid}/status").read_text()
        except OSError:
            continue
        if match := re.search(r"VmHWM:\s+(\d+) kB", status):
            peak = max(peak, int(match[1]) * 1024)
    return peak


class Corpus:
    """All documents, parsed once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with (folder / "INDEX.tsv").open(newline="") as index:
            self.rows = list(csv.DictReader(index, delimiter="\t"))
        self.parsed: dict[str, Parsed] = {}
        self.peak = 0
        with ParserPool(2) as pool, ThreadPoolExecutor(2) as threads:
            for path, parsed in threads.map(lambda row: self._parse(pool, row["path"]), self.rows):
                self.parsed[path] = parsed

    def _parse(self, pool: ParserPool, path: str) -> tuple[str, Parsed]:
        parsed = parse_file(pool, self.folder / path)
        self.peak = max(self.peak, peak_memory(pool))
        return path, parsed


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(Path(__file__).parents[4] / "shared/data/docs")


def test_every_file_gives_text_or_one_line(corpus: Corpus) -> None:
    assert len(corpus.parsed) == len(corpus.rows) >= 400
    for path, parsed in corpus.parsed.items():
        assert bool(parsed.documents) != bool(parsed.reason), path
        assert "\n" not in parsed.reason and len(parsed.reason) < 300, path
        assert parsed.reason not in ("parser crashed", "parser answered nonsense"), path
        assert "parser took" not in parsed.reason, path


def test_ordinary_documents_give_text(corpus: Corpus, record_property: pytest.RecordProperty) -> None:
    ordinary = [row["path"] for row in corpus.rows if row["kind"] == "normal"]
    silent = Counter(corpus.parsed[path].reason for path in ordinary if not corpus.parsed[path].documents)
    record_property("ordinary", len(ordinary))
    record_property("without text", dict(silent))
    assert silent.total() <= 0.05 * len(ordinary), silent


def test_no_worker_exceeds_its_memory(corpus: Corpus) -> None:
    assert 0 < corpus.peak < 1.1 * 2**30


def test_the_words_of_reference_texts_are_found(corpus: Corpus) -> None:
    shares = dict(_shares_of_words(corpus))
    assert len(shares) >= 30
    assert sum(shares.values()) / len(shares) >= 0.93, sorted(shares.items(), key=lambda item: item[1])[:8]


def _shares_of_words(corpus: Corpus) -> Iterator[tuple[str, float]]:
    """Which share of the different words of a reference text was read."""
    for row in corpus.rows:
        if not row["expected_text"]:
            continue
        wanted = _words(MARKUP.sub("", (corpus.folder / row["expected_text"]).read_text()))
        documents = corpus.parsed[row["path"]].documents
        found = _words(" ".join(f"{document.title} {document.text}" for document in documents))
        yield row["path"], len(wanted & found) / max(1, len(wanted))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


@pytest.fixture(scope="module")
def reports() -> tuple[list[dict[str, Any]], Mapping[str, Parsed]]:
    """Questions on annual reports with the pages that answer them, and the reports."""
    folder = Path(__file__).parents[4] / "shared/data/financebench"
    names = sorted(path.name for path in (folder / "pdfs").iterdir())
    with ParserPool(2) as pool, ThreadPoolExecutor(2) as threads:
        parsed = dict(
            zip(names, threads.map(lambda name: parse_file(pool, folder / "pdfs" / name), names), strict=True)
        )
    return json.loads((folder / "questions.json").read_text()), parsed


# What an answering page says of itself, by words of the question.
STATEMENTS = {
    "inventor": r"balance sheets?",
    "working capital": r"balance sheets?",
    "capex": r"cash flows?",
    "cash flow": r"cash flows?|balance sheets?",
}


def test_pages_of_annual_reports_are_counted_right(reports: tuple[list[dict[str, Any]], Mapping[str, Parsed]]) -> None:
    questions, parsed = reports
    checked = 0
    for question in questions:
        document = parsed[question["document"]].documents[0]
        for word, pattern in STATEMENTS.items():
            if word in question["question"].lower():
                pages = [block for block in document.blocks if block.page in question["evidence_pages"]]
                text = " ".join(block.text for block in pages).lower()
                assert re.search(pattern, text), (question["document"], question["evidence_pages"])
                checked += 1
    assert checked >= 8


def test_words_of_annual_reports_are_apart(reports: tuple[list[dict[str, Any]], Mapping[str, Parsed]]) -> None:
    """Glued words are long; English prose has hardly any word of more than 25 letters."""
    for name, report in reports[1].items():
        words = re.findall(r"[A-Za-z]+", report.documents[0].text)
        assert sum(len(word) > 25 for word in words) < 0.001 * len(words), name
