"""Filters let through what they name, and nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize(
    ("glob", "matches", "others"),
    [
        ("**/b/**/d", ["/a/b/c/d", "/b/d/e", "/a/b/d"], ["/a/b", "/d/b"]),
        ("a*b*c", ["/x/aXbXc", "/abc/d"], ["/a/bc", "/ab/c"]),
        ("/**/x", ["/x", "/a/b/x"], ["/a/bx"]),
        ("a**c", ["/a/b/c", "/ac"], ["/a/b/d"]),
        ("docs/*.m?", ["/home/docs/a.md", "/docs/a.b.mb"], ["/docs/a/b.md", "/docs/a.m"]),
        ("**/*a*b", ["/x/1a2b", "/aab"], ["/a/b/c"]),
    ],
)
def test_gaps_of_a_glob(glob: str, matches: list[str], others: list[str]) -> None:
    test = path_test(glob)
    assert [path for path in matches if not test(path)] == []
    assert [path for path in others if test(path)] == []


@pytest.mark.parametrize(
    "glob",
    [
        "**/**/**/**/**/zz",
        "**/" * 200 + "zz",
        "*/**/" * 50 + "zz",
        "**" * 1000 + "Z",
        "*a" * 100 + "Z",
        "**a" * 100 + "Z",
        ("**" + "*a" * 10) * 10 + "Z",
        "*[a]" * 60 + "Z",
        "**?" * 100 + "Z",
    ],
)
def test_no_glob_takes_long(glob: str) -> None:
    """The time grows with the lengths, not with the ways to split a path: for the longest path there can be, too."""
    test = path_test(glob)
    begun = time.process_time()
    for path in ("/home/" + "/".join(f"d{number}" for number in range(18)), "/".join(["a" * 250] * 16)):
        assert not test(path)
    assert time.process_time() - begun < 1


@given(
    st.lists(st.sampled_from(["a", "b", "/", "*", "**", "**/", "?"]), max_size=8).map("".join),
    st.text("ab/", max_size=12),
)
def test_globs_mean_what_every_way_to_split_a_path_says(glob: str, path: str) -> None:
    glob = re.sub("/+", "/", f"/{glob}").rstrip("/")  # as seen from the root: no working folder comes into it
    assert path_test(glob)(f"/{path}") is _matches(glob, f"/{path}", 0, 0)


def _matches(glob: str, path: str, at: int, place: int) -> bool:
    """Whether `glob` from `at` on matches `path` from `place` on, every way tried."""
    rest, left = glob[at:], path[place:]
    if not rest:
        return not left or left[0] == "/"
    stars = len(rest) - len(rest.lstrip("*"))
    if stars >= 2 and rest[stars : stars + 1] == "/" and glob[at - 1] == "/":
        ends = [0] + [end + 1 for end, letter in enumerate(left) if letter == "/"]
        return any(_matches(glob, path, at + stars + 1, place + end) for end in ends)
    if stars:
        most = len(left) if stars >= 2 else len(left.partition("/")[0])
        return any(_matches(glob, path, at + stars, place + end) for end in range(most + 1))
    return (
        bool(left)
        and (rest[0] == left[0] or (rest[0] == "?" != left[0] != "/"))
        and _matches(glob, path, at + 1, place + 1)
    )
