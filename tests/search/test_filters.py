"""Filters let through what they name, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from localsearch.errors import QueryError
from localsearch.records import Filters
from localsearch.search.filters import (
    allowed,
    allowed_ids,
    count_documents,
    name_test,
    parse_date,
    parse_filters,
    path_test,
)
from localsearch.search.query import parse_query
from localsearch.store.sqlite import sqlite3

PATHS = [
    ("contracts", "/home/ann/Contracts/2024/lease.pdf", True),
    ("Contracts", "/home/ann/Contracts/2024/lease.pdf", True),
    ("Contracts", "/home/ann/contracts/lease.pdf", False),
    ("contracts/", "/home/ann/contracts/lease.pdf", True),
    ("contract", "/home/ann/contracts/lease.pdf", False),
    ("contracts/**", "/home/ann/contracts/2024/lease.pdf", True),
    ("contracts/*.pdf", "/home/ann/contracts/lease.pdf", True),
    ("contracts/*.pdf", "/home/ann/contracts/2024/lease.pdf", False),
    ("contracts/**/*.pdf", "/home/ann/contracts/2024/lease.pdf", True),
    ("contracts/**/*.pdf", "/home/ann/contracts/lease.pdf", True),
    ("*.pdf", "/home/ann/contracts/LEASE.PDF", True),
    ("*.pdf", "/home/ann/lease.pdf.txt", False),
    ("lease.pdf", "/home/ann/lease.pdf", True),
    ("/home/ann", "/home/ann/lease.pdf", True),
    ("/home/ann", "/data/home/ann/lease.pdf", False),
    ("/home/an", "/home/ann/lease.pdf", False),
    ("lease?.pdf", "/home/ann/lease2.pdf", True),
    ("lease?.pdf", "/home/ann/lease/.pdf", False),
    ("[a-l]*.pdf", "/home/ann/lease.pdf", True),
    ("[!a-l]*.pdf", "/home/ann/lease.pdf", False),
    ("a+b (1).txt", "/home/ann/a+b (1).txt", True),
    ("Müller", "/home/Mu\u0308ller/a.txt", True),
    ("a.txt", "/home/2024\nx/a.txt", True),
    ("2024\nx", "/home/2024\nx/a.txt", True),
]


@pytest.mark.parametrize(("glob", "path", "passes"), PATHS)
def test_paths(glob: str, path: str, passes: bool) -> None:
    assert path_test(glob)(path) is passes


def test_paths_from_the_working_folder_and_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ann")
    assert path_test(".")(f"{tmp_path}/a.txt")
    assert path_test("../*/a.txt")(f"{tmp_path}/a.txt")
    assert not path_test("./b")(f"{tmp_path}/c/b")
    assert path_test("~/docs")("/home/ann/docs/a.txt")


def day(*date: int) -> int:
    return int(datetime(*date, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2024", day(2024, 1, 1)), ("2024-03", day(2024, 3, 1)), (" 2024-3-9 ", day(2024, 3, 9))],
)
def test_dates(text: str, expected: int) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13", "2024-02-30", "24", "2024/03/01", "0000"])
def test_no_dates(text: str) -> None:
    with pytest.raises(QueryError, match="is not a date"):
        parse_date(text)


def test_types_are_written_with_or_without_a_dot() -> None:
    assert parse_filters(types=[".PDF", "htm", "docx"]).types == ("pdf", "html", "docx")


@pytest.mark.parametrize("wrong", [{"types": ["*.pdf"]}, {"types": [""]}, {"paths": [" "]}, {"after": "soon"}])
def test_wrong_filters_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(QueryError) as error:
        parse_filters(**wrong)  # type: ignore[arg-type]
    assert error.value.hint


def test_a_glob_that_is_none_is_refused() -> None:
    with pytest.raises(QueryError, match="is not a glob"):
        path_test("[z-a]")


@pytest.fixture
def find(connection: sqlite3.Connection, add: Callable[..., int]) -> Callable[..., list[str]]:
    texts = {
        add("lease draft", path="/docs/contracts/a.pdf", kind="pdf", date=day(2024, 3, 1)): "a",
        add("lease agreement", path="/docs/contracts/b.docx", kind="docx", date=day(2023, 1, 1)): "b",
        add("agreement of the lease", path="/docs/notes/c.txt", mtime=day(2024, 6, 1)): "c",
    }

    def find(filters: Filters = Filters(), query: str = "lease") -> list[str]:  # noqa: B008
        clause = allowed(connection, filters, parse_query(query))
        return ["a", "b", "c"] if clause is None else [texts[i] for i in allowed_ids(connection, clause).tolist()]

    return find


def test_each_filter_and_all_together(find: Callable[..., list[str]]) -> None:
    assert find() == ["a", "b", "c"]
    assert find(Filters(paths=("contracts",))) == ["a", "b"]
    assert find(Filters(paths=("notes", "*.pdf"))) == ["a", "c"]
    assert find(Filters(types=("pdf", "txt"))) == ["a", "c"]
    assert find(Filters(after=day(2024, 1, 1))) == ["a", "c"]
    assert find(Filters(after=day(2024, 3, 1), before=day(2024, 6, 1))) == ["a"]
    assert find(Filters(before=day(2024, 3, 1))) == ["b"]
    assert find(Filters(paths=("contracts",), types=("docx",))) == ["b"]
    assert find(Filters(paths=("nowhere",))) == []


def test_what_the_query_requires_and_excludes(find: Callable[..., list[str]]) -> None:
    assert find(query='"lease agreement"') == ["b"]
    assert find(query="lease -draft") == ["b", "c"]
    assert find(query='lease -"lease agreement" -draft') == ["c"]
    assert find(Filters(paths=("contracts",)), query="lease -draft") == ["b"]
    assert find(query='"no such phrase"') == []


@pytest.mark.parametrize(
    ("wanted", "name", "passes"),
    [
        ("smith", "John Smith <john@example.com>", True),
        ("SMITH john", "Smith, John", True),
        ("smith", "Smithson", False),
        ("smith ann", "John Smith", False),
        ("muller", "Jörg Müller", True),
        ("Müller", "joerg muller", True),
        ("STRASSE", "Anna Straße", True),
        ("example.com", "John Smith <john@example.com>", True),
        ("太郎", "山田太郎", True),
        ("山田", "山田太郎", True),
        ("花子", "山田太郎", False),
        ("smith", "", False),
    ],
)
def test_names(wanted: str, name: str, passes: bool) -> None:
    assert name_test(wanted)(name) is passes


@pytest.fixture
def found(connection: sqlite3.Connection, add: Callable[..., int]) -> Callable[[str], str]:
    """Finds in a zip with two members, a mail with an attachment, and two files."""
    texts = {
        add("lease", path="/docs/all.zip", kind="zip", member="minutes/may.docx", author="Ann Smith"): "d",
        add("lease", path="/docs/all.zip", kind="zip", member="drafts/old.HTM"): "h",
        add("lease", path="/docs/mail.eml", kind="eml", member="plan.pdf", title="Ground plan"): "p",
        add("lease", path="/docs/b.pdf", kind="pdf", author="Bob Müller", title="The plan"): "b",
        add("lease", path="/docs/drafts/c.txt", date=day(2024, 1, 1)): "c",
    }

    def found(text: str, filters: Filters = Filters()) -> str:  # noqa: B008
        clause = allowed(connection, filters, parse_query(f"lease {text}"))
        return "dhpbc" if clause is None else "".join(texts[one] for one in allowed_ids(connection, clause).tolist())

    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("path:*.docx", "d"),
        ("path:all.zip", "dh"),
        ("path:all.zip/minutes", "d"),
        ("path:drafts/", "hc"),
        ("-path:drafts/", "dpb"),
        ("-path:drafts/ -path:*.eml", "db"),
        ("path:/docs/all.zip/*/*", "dh"),
        ("type:pdf", "pb"),
        ("type:html", "h"),
        ("type:zip", "dh"),
        ("type:pdf type:docx", "dpb"),
        ("-type:pdf", "dhc"),
        ("type:d_cx", ""),
        ("author:smith", "d"),
        ("author:smith author:muller", "db"),
        ("-author:smith", "hpbc"),
        ("title:plan", "pb"),
        ('title:"plan ground"', "p"),
        ("title:plan -type:eml", "b"),
        ("title:plan author:bob type:pdf path:docs", "b"),
        ("after:2024 before:2024-02 type:txt", "c"),
        ("author:nobody", ""),
    ],
)
def test_filters_of_the_text(found: Callable[[str], str], text: str, expected: str) -> None:
    assert found(text) == expected


def test_filters_of_the_text_and_those_given_must_both_hold(found: Callable[..., str]) -> None:
    assert found("type:pdf", Filters(authors=("bob",))) == "b"
    assert found("type:pdf", Filters(types=("docx",))) == ""
    assert found("-type:pdf", Filters(paths=("*.zip", "*.pdf"))) == "dh"


def test_documents_that_may_be_found_are_counted(connection: sqlite3.Connection, found: Callable[..., str]) -> None:
    assert count_documents(connection, Filters(), parse_query("lease"), 3) == 3
    assert count_documents(connection, Filters(), parse_query("lease type:pdf"), 9) == 2
