"""Filters, from what the user typed to the ids of the passages that may be found."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from localsearch.errors import QueryError
from localsearch.records import Filters

if TYPE_CHECKING:
    from localsearch.records import Int64Vector
    from localsearch.search.query import Query
    from localsearch.store.sqlite import sqlite3

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_TYPE = re.compile(r"\.?(\w+)")
_SAME_TYPE = {"htm": "html", "markdown": "md", "text": "txt", "yml": "yaml", "tif": "tiff", "jpeg": "jpg"}
_DATED = "COALESCE(documents.date, files.mtime_ns / 1000000000)"


@dataclass(frozen=True, slots=True)
class Clause:
    """A SELECT of passage ids with its parameters; to stand behind IN."""

    sql: str
    params: tuple[str | int, ...] = ()


def parse_filters(
    paths: Iterable[str] = (), types: Iterable[str] = (), after: str | None = None, before: str | None = None
) -> Filters:
    """Filters as typed on a command line. Raises QueryError for an empty path, a type or a date that is none."""
    return Filters(
        paths=tuple(map(_parse_path, paths)),
        types=tuple(map(_parse_type, types)),
        after=None if after is None else parse_date(after),
        before=None if before is None else parse_date(before),
    )


def parse_date(text: str) -> int:
    """The first second (UTC, since the epoch) of a year, month or day. Raises QueryError."""
    match = _DATE.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part or 1) for part in match.groups())
        return int(datetime(year, month, day, tzinfo=UTC).timestamp())
    except ValueError:
        raise QueryError(f"{text!r} is not a date.", hint="Write 2024, 2024-03 or 2024-03-01.") from None


def _parse_type(text: str) -> str:
    match = _TYPE.fullmatch(text.strip())
    if match is None:
        raise QueryError(f"{text!r} is not a file type.", hint="Write it like pdf or .docx; for names use --path.")
    name = match[1].lower()
    return _SAME_TYPE.get(name, name)


def _parse_path(text: str) -> str:
    if not text.strip():
        raise QueryError("The path to filter by is empty.", hint="Write a folder or a glob like '*.pdf'.")
    return text


def allowed(connection: sqlite3.Connection, filters: Filters, query: Query | None = None) -> Clause | None:
    """The passages that pass the filters, have what the query requires and lack what it excludes; None means all."""
    conditions: list[tuple[str, tuple[str | int, ...]]] = []
    if filters.paths:
        conditions.append(("files.id IN (SELECT value FROM json_each(?))", (_files_below(connection, filters.paths),)))
    if filters.types:
        conditions.append(("files.type IN (SELECT value FROM json_each(?))", (json.dumps(filters.types),)))
    if filters.after is not None:
        conditions.append((f"{_DATED} >= ?", (filters.after,)))
    if filters.before is not None:
        conditions.append((f"{_DATED} < ?", (filters.before,)))
    if query is not None:
        having = "passages.id {} (SELECT rowid FROM words WHERE words MATCH ?)"
        conditions += [(having.format("IN"), (expression,)) for expression in query.required]
        conditions += [(having.format("NOT IN"), (expression,)) for expression in query.excluded]
    if not conditions:
        return None
    tables = "passages"
    if filters:
        tables += " JOIN documents ON documents.id = passages.document_id JOIN files ON files.id = documents.file_id"
    return Clause(
        f"SELECT passages.id FROM {tables} WHERE {' AND '.join(sql for sql, _ in conditions)}",
        tuple(value for _, values in conditions for value in values),
    )


def allowed_ids(connection: sqlite3.Connection, clause: Clause) -> Int64Vector:
    """The ids that a clause selects, sorted."""
    import numpy as np

    ids = np.fromiter((row[0] for row in connection.execute(clause.sql, clause.params)), dtype=np.int64)
    ids.sort()
    return ids


def _files_below(connection: sqlite3.Connection, globs: Iterable[str]) -> str:
    """JSON list of the ids of the files whose path matches any of the globs."""
    tests = [path_test(glob) for glob in globs]
    rows = connection.execute("SELECT id, shown FROM files")
    return json.dumps([file_id for file_id, shown in rows if any(test(shown) for test in tests)])


def path_test(glob: str) -> Callable[[str], bool]:
    """Whether a shown path is, or lies below, something that the glob names.

    `*` and `?` stay within one name, `**` crosses folders. A glob may begin at any folder of the path unless it
    begins with `/`, `~` or `.`; `..` and `.` are seen from the working folder. A glob without capitals matches
    them too. Raises QueryError.
    """
    if re.match(r"[/~]|\.\.?(/|$)", glob):
        glob = os.path.normpath(os.path.join(os.getcwd(), os.path.expanduser(glob)))
    glob = unicodedata.normalize("NFC", glob).rstrip("/")
    start = "" if glob.startswith("/") else "(?:.*/)?"
    ignore_case = re.IGNORECASE if glob == glob.lower() else 0
    try:
        pattern = re.compile(f"{start}{_translated(glob)}(?:/.*)?", re.DOTALL | ignore_case)
    except re.error:  # a set like [z-a]
        raise QueryError(f"{glob!r} is not a glob.", hint="Write a folder, or a glob like '*.pdf'.") from None
    return lambda shown: pattern.fullmatch(unicodedata.normalize("NFC", shown)) is not None


_GLOB = re.compile(r"(?P<folders>\*\*/)|(?P<all>\*\*)|(?P<star>\*)|(?P<one>\?)|\[(?P<set>!?\]?[^\]/]+)\]")


def _translated(glob: str) -> str:
    """A glob as a regular expression."""
    meaning = {"folders": "(?:.*/)?", "all": ".*", "star": "[^/]*", "one": "[^/]"}
    out, done = [], 0
    for match in _GLOB.finditer(glob):
        out.append(re.escape(glob[done : match.start()]))
        kind = match.lastgroup or ""
        out.append(meaning.get(kind) or _character_set(match["set"]))
        done = match.end()
    return "".join(out) + re.escape(glob[done:])


def _character_set(content: str) -> str:
    negated = content.startswith("!")
    members = re.sub(r"([\\\[\]^&~|])", r"\\\1", content[negated:])
    return f"[{'^/' if negated else ''}{members}]"
