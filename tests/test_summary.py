"""`Index.summarize` over real files: what is quoted, whence, and what is left out."""

from __future__ import annotations

import mailbox
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from localsearch import Filters, Index, Mode, Summary
from localsearch.encoder.onnx import DEFAULT
from localsearch.errors import IndexMismatch, PathProblem, PathUnreadable, QueryError
from localsearch.search.summary import scope
from localsearch.store.sqlite import connect
from tests.conftest import TINY

HARBOUR = """# Harbour rules

## Opening

The harbour office opens at seven in the morning on every day.

## Ships

Ships report to the harbour master on channel twelve before they enter.
However, small boats need not do so in the summer months.

## Waste

Waste is given to the harbour office in closed bags and is weighed there.
"""
LEASE = (
    "# Lease\n\nThe tenant gives six months of notice to the landlord. The rent is due on the first of each month.\n"
)
PRICES = "article,price,remark\nbolt,0.20,\nwasher,0.05,a new supplier since May\n"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    (folder / "contracts").mkdir(parents=True)
    (folder / "harbour.md").write_text(HARBOUR)
    (folder / "contracts" / "lease.md").write_text(LEASE)
    (folder / "prices.csv").write_text(PRICES)
    return folder


@pytest.fixture
def index(tmp_path: Path, documents: Path) -> Iterator[Index]:
    with Index.create(tmp_path / "index", encoder=TINY, passage_size=30) as index:
        index.add(documents, workers=1)
        yield index


def said(summary: Summary) -> list[str]:
    return [sentence.text for sentence in summary]


def test_a_summary_quotes_sentences_in_order_with_their_places(index: Index, documents: Path) -> None:
    summary = index.summarize(documents / "harbour.md", sentences=3)
    assert said(summary) == [
        "The harbour office opens at seven in the morning on every day.",
        "Ships report to the harbour master on channel twelve before they enter.",
        "Waste is given to the harbour office in closed bags and is weighed there.",
    ]
    passages = {passage.id: passage for passage in index.passages(documents / "harbour.md")}
    for sentence in summary:
        assert (sentence.path, sentence.member, sentence.page) == (documents / "harbour.md", "", None)
        passage = passages[sentence.passage]
        assert sentence.heading == passage.heading
        assert " ".join(passage.text[sentence.start : sentence.end].split()) == sentence.text
    assert (summary.documents, summary.passages, summary.considered) == (1, len(passages), len(passages))
    characters = sum(len(passage.text) for passage in passages.values())
    assert summary.share == pytest.approx(sum(map(len, said(summary))) / characters, abs=0.01)
    assert summary.prose and summary.by_meaning


def test_a_short_document_is_all_its_sentences(index: Index, documents: Path) -> None:
    assert said(index.summarize(documents / "contracts" / "lease.md", sentences=50)) == [
        "The tenant gives six months of notice to the landlord.",
        "The rent is due on the first of each month.",
    ]


def test_a_folder_is_all_the_files_below_it(index: Index, documents: Path) -> None:
    summary = index.summarize(documents, sentences=50)
    assert [path.name for path in dict.fromkeys(sentence.path for sentence in summary)] == ["lease.md", "harbour.md"]
    assert summary.documents == 3
    only = index.summarize(documents, sentences=50, filters=Filters(paths=("contracts",)))
    assert {sentence.path.name for sentence in only} == {"lease.md"}
    assert len(index.summarize(documents, filters=Filters(types=("pdf",)))) == 0


def test_a_table_gives_its_header_and_fullest_row_and_says_so(index: Index, documents: Path) -> None:
    summary = index.summarize(documents / "prices.csv", sentences=2)
    assert said(summary) == ["article | price | remark", "washer | 0.05 | a new supplier since May"]
    assert not summary.prose


def test_a_query_narrows_the_summary_to_what_concerns_it(index: Index, documents: Path) -> None:
    summary = index.summarize(query="notice to the landlord", sentences=1)
    assert said(summary) == ["The tenant gives six months of notice to the landlord."]
    by_words = index.summarize(query="ships landlord", mode=Mode.KEYWORD, sentences=9)
    assert {sentence.path.name for sentence in by_words} == {"lease.md", "harbour.md"}
    assert not by_words.by_meaning
    inside = index.summarize(documents / "harbour.md", query="the landlord of the office", sentences=9)
    assert {sentence.path.name for sentence in inside} == {"harbour.md"}
    rows = index.summarize(query="washer supplier", mode=Mode.KEYWORD)
    assert said(rows)[-1] == "washer | 0.05 | a new supplier since May" and not rows.prose
    assert len(index.summarize(query="zeppelin", mode=Mode.KEYWORD)) == 0


def test_a_path_with_the_signs_of_globs_is_itself(index: Index, documents: Path) -> None:
    for name in ("[a]*.md", "a1.md", "[A]*.md"):
        (documents / name).write_text(f"The file {name[1]} tells how boats are painted every spring.\n")
    index.update(workers=1)
    found = index.summarize(documents / "[a]*.md", query="boats painted", mode=Mode.KEYWORD)
    assert {sentence.path.name for sentence in found} == {"[a]*.md"}


def write_mailbox(path: Path, texts: list[str]) -> None:
    box = mailbox.mbox(path)
    for text in texts:
        message = mailbox.mboxMessage()
        message["From"], message["Subject"] = "gwen@example.org", "News"
        message.set_payload(f"{text}\n")
        box.add(message)
    box.close()


def test_one_message_of_a_mailbox_or_all(index: Index, documents: Path) -> None:
    write_mailbox(
        documents / "mail.mbox", ["A gold ring was found in the hall.", "The boat race begins at noon today."]
    )
    index.update(workers=1)
    both = index.summarize(documents / "mail.mbox")
    assert [(sentence.member, sentence.text) for sentence in both] == [
        ("message 1", "A gold ring was found in the hall."),
        ("message 2", "The boat race begins at noon today."),
    ]
    assert said(index.summarize(documents / "mail.mbox", member="message 2")) == said(both)[1:]
    with pytest.raises(PathProblem, match=r"no text of .*mail\.mbox: message 3"):
        index.summarize(documents / "mail.mbox", member="message 3")


def test_a_query_finds_what_one_message_of_many_says(index: Index, documents: Path) -> None:
    write_mailbox(
        documents / "mail.mbox", [f"The boat number {number} was painted this spring." for number in range(30)]
    )
    index.update(workers=1)
    found = index.summarize(documents / "mail.mbox", member="message 27", query="boat", mode=Mode.KEYWORD)
    assert said(found) == ["The boat number 26 was painted this spring."]


def test_without_its_encoder_the_first_sentences_are_taken(index: Index, documents: Path) -> None:
    with Index.open(index.folder, encoder=DEFAULT) as other:
        summary = other.summarize(documents / "harbour.md", sentences=3)
        assert len(summary) == 3 and not summary.by_meaning
        with pytest.raises(IndexMismatch):
            other.summarize(query="harbour")


def test_of_very_many_passages_an_even_sample_is_taken(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = len(index.passages(documents / "harbour.md"))
    monkeypatch.setattr(scope, "MOST_PASSAGES", 2)
    summary = index.summarize(documents / "harbour.md")
    assert (summary.passages, summary.considered) == (total, 2)
    assert total > 2


def test_what_is_not_known_or_gone_is_refused_with_the_reason(index: Index, documents: Path) -> None:
    (documents / "noise.pdf").write_bytes(b"%PDF-1.7 this is no pdf")
    index.update(workers=1)
    with pytest.raises(PathProblem, match=r"no text of .*nowhere\.md\."):
        index.summarize(documents / "nowhere.md")
    with pytest.raises(PathProblem, match=r"no text of .*noise\.pdf: ."):
        index.summarize(documents / "noise.pdf")
    with pytest.raises(PathProblem, match="no text of"):
        index.summarize(documents / "nowhere.md", query="harbour")
    (documents / "harbour.md").unlink()
    with pytest.raises(PathProblem, match=r"harbour\.md is gone"):
        index.summarize(documents / "harbour.md")
    rest = index.summarize(documents, sentences=50)
    assert rest.missing > 0 and "harbour.md" not in {sentence.path.name for sentence in rest}


def test_what_may_not_be_read_is_not_quoted(index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PathUnreadable, match="may not be read by you"):
        index.summarize(documents / "harbour.md")


def test_damaged_text_is_not_quoted(index: Index, documents: Path) -> None:
    connection = connect(index.folder / "localsearch.db", writable=True)
    connection.execute("UPDATE passages SET text = replace(text, 'twelve', 'eleven')")
    connection.close()
    summary = index.summarize(documents / "harbour.md", sentences=50)
    assert summary.damaged == 1 and not any("eleven" in text for text in said(summary))


@pytest.mark.parametrize("options", [{}, {"path": ".", "sentences": 0}, {"path": ".", "sentences": 51}, {"query": " "}])
def test_what_makes_no_sense_is_a_query_error(index: Index, options: dict[str, object]) -> None:
    with pytest.raises(QueryError):
        index.summarize(**options)


def test_a_path_and_globs_at_once_are_refused_for_a_query(index: Index, documents: Path) -> None:
    with pytest.raises(QueryError, match="filters on paths"):
        index.summarize(documents, query="harbour", filters=Filters(paths=("*.md",)))


def test_changed_counts_the_files_of_a_summary(index: Index, documents: Path) -> None:
    summary = index.summarize(documents / "harbour.md")
    assert index.changed(summary) == 0
    (documents / "harbour.md").write_text("Nothing is as it was before in this harbour.")
    assert index.changed(summary) == 1
