"""`localsearch summarize`, as one would type it."""

from __future__ import annotations

import json

from tests.functional.conftest import Localsearch

MANY = "\n\n".join(
    f"## {subject}\n\nThe {subject.lower()} of the house is looked after by the owner every spring. It costs little."
    for subject in ("Roof", "Garden", "Cellar", "Fence", "Stairs")
)


def test_a_document_is_shown_in_its_sentences_with_their_places(indexed: Localsearch) -> None:
    done = indexed.run("summarize", "documents/lease.md")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "documents/lease.md",
        "  The tenant tells the landlord three months before moving out. [Lease]",
    ]


def test_the_number_of_sentences_is_heeded_and_no_line_is_too_long(own: Localsearch) -> None:
    (own.documents / "house.md").write_text(f"# House\n\n{MANY}\n")
    own.run("index")
    done = own.run("summarize", "documents/house.md", "-n", "3", environment={"COLUMNS": "40"})
    assert done.stdout.count("every spring.") + done.stdout.count("every\n  spring.") == 3
    assert all(len(line) <= 40 for line in done.stdout.splitlines())


def test_the_json_has_the_promised_keys(indexed: Localsearch) -> None:
    told = json.loads(indexed.run("summarize", "documents/travel.md", "--json").stdout)
    counts = ["documents", "passages", "considered", "share", "prose", "by_meaning", "missing", "unreadable", "damaged"]
    assert list(told) == ["sentences", *counts]
    (sentence,) = told["sentences"]
    assert list(sentence) == ["text", "path", "member", "title", "page", "heading", "passage", "start", "end"]
    assert sentence["text"] == "A hotel room may cost 150 euros a night."
    assert sentence["path"] == str(indexed.documents / "travel.md")


def test_the_hits_of_a_query_are_summarised_by_document(indexed: Localsearch) -> None:
    done = indexed.run("summarize", "--query", "hotel landlord", "--mode", "keyword")
    assert sorted(line for line in done.stdout.splitlines() if line.startswith("documents")) == [
        "documents/lease.md",
        "documents/travel.md",
    ]
    inside = indexed.run("summarize", "documents/deep", "--query", "hotel landlord bolt", "--mode", "keyword")
    assert inside.stdout.splitlines()[0] == "documents/deep/prices.csv"


def test_lines_of_a_table_come_with_a_note(indexed: Localsearch) -> None:
    done = indexed.run("summarize", "documents/deep/prices.csv")
    assert "  article | price" in done.stdout
    assert done.stderr.startswith("note: there are no sentences")


def test_finding_nothing_is_fine_but_an_unknown_path_is_one_clear_line(indexed: Localsearch) -> None:
    nothing = indexed.run("summarize", "--query", "zeppelin", "--mode", "keyword")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert nothing.stderr == "Nothing to summarise was found.\n"
    unknown = indexed.run("summarize", "nowhere.md")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert len(unknown.stderr.splitlines()) == 1 and "nowhere.md" in unknown.stderr
    assert indexed.run("summarize").returncode == 1


def test_a_changed_file_and_a_missing_encoder_are_told(own: Localsearch) -> None:
    (own.documents / "travel.md").write_text("Nothing about lodging any more.")
    assert "1 file among these changed" in own.run("summarize", "documents/travel.md").stderr
    done = own.run("summarize", "documents/lease.md", "--encoder", own.folder)
    assert "three months" in done.stdout
    assert done.stderr.startswith("note: the index's encoder cannot be used")
