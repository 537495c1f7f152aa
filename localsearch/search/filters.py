"""Filters, from what the user typed to the ids of the passages that may be found."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from localsearch.errors import QueryError
from localsearch.records import Filters
from localsearch.store.words import pieces

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
    paths: Iterable[str] = (),
    types: Iterable[str] = (),
    after: str | None = None,
    before: str | None = None,
    *,
    authors: Iterable[str] = (),
    titles: Iterable[str] = (),
) -> Filters:
    """Filters as typed on a command line. Raises QueryError for an empty value, a type or a date that is none."""
    return Filters(
        paths=tuple(map(parse_path, paths)),
        types=tuple(map(parse_type, types)),
        after=None if after is None else parse_date(after),
        before=None if before is None else parse_date(before),
        authors=tuple(map(parse_name, authors)),
        titles=tuple(map(parse_name, titles)),
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


def parse_type(text: str) -> str:
    """A file type as the index spells it. Raises QueryError."""
    match = _TYPE.fullmatch(text.strip())
    if match is None:
        raise QueryError(f"{text!r} is not a file type.", hint="Write it like pdf or .docx; for names use --path.")
    name = match[1].lower()
    return _SAME_TYPE.get(name, name)


def parse_path(text: str) -> str:
    """Raises QueryError when there is nothing in it; a bad glob is found when it is used."""
    if not text.strip():
        raise QueryError("The path to filter by is empty.", hint="Write a folder or a glob like '*.pdf'.")
    return text


def parse_name(text: str) -> str:
    """Words of an author or a title. Raises QueryError when there is none."""
    if not _folded(text):
        raise QueryError(f"{text!r} names nobody and nothing.", hint="Write a word of the author's name or the title.")
    return text


def allowed(
    connection: sqlite3.Connection,
    filters: Filters,
    query: Query | None = None,
    closed: Collection[bytes] = (),
) -> Clause | None:
    """The passages that pass the filters and all that the query says; None means all.

    `closed`: files and folders; what is at or below them does not pass.
    """
    conditions = _conditions(connection, filters)
    if closed:
        conditions.append(_outside(closed))
    if query is not None:
        conditions += _conditions(connection, query.only)
        conditions += [Clause(f"NOT ({one.sql})", one.params) for one in _conditions(connection, query.never)]
    tables = "passages"
    if conditions:
        tables += " JOIN documents ON documents.id = passages.document_id JOIN files ON files.id = documents.file_id"
    if query is not None:
        having = "passages.id {} (SELECT rowid FROM words WHERE words MATCH ?)"
        conditions += [Clause(having.format("IN"), (expression,)) for expression in query.required]
        conditions += [Clause(having.format("NOT IN"), (expression,)) for expression in query.excluded]
    if not conditions:
        return None
    return Clause(
        f"SELECT passages.id FROM {tables} WHERE {' AND '.join(one.sql for one in conditions)}",
        tuple(value for one in conditions for value in one.params),
    )


def _conditions(connection: sqlite3.Connection, filters: Filters) -> list[Clause]:
    """What must hold of a passage's document and file, one condition for each kind of filter."""
    conditions = []
    if filters.paths:
        conditions.append(_at_paths(connection, filters.paths))
    if filters.types:
        conditions.append(_of_types(filters.types))
    if filters.authors:
        conditions.append(_named(connection, "author", filters.authors))
    if filters.titles:
        conditions.append(_named(connection, "title", filters.titles))
    if filters.after is not None:
        conditions.append(Clause(f"{_DATED} >= ?", (filters.after,)))
    if filters.before is not None:
        conditions.append(Clause(f"{_DATED} < ?", (filters.before,)))
    return conditions


def allowed_ids(connection: sqlite3.Connection, clause: Clause) -> Int64Vector:
    """The ids that a clause selects, sorted."""
    import numpy as np

    ids = np.fromiter((row[0] for row in connection.execute(clause.sql, clause.params)), dtype=np.int64)
    ids.sort()
    return ids


def count_documents(
    connection: sqlite3.Connection, filters: Filters, query: Query | None, most: int, *, without: int = 0
) -> int:
    """How many documents may be found, counted up to `most`; `without` the one of this passage."""
    clause = allowed(connection, filters, query)
    among = f"AND id IN ({clause.sql})" if clause else ""
    row = connection.execute(
        "SELECT count(*) FROM (SELECT DISTINCT document_id FROM passages WHERE document_id IS NOT"
        f" (SELECT document_id FROM passages WHERE id = ?) {among} LIMIT ?)",
        (without, *(clause.params if clause else ()), most),
    ).fetchone()
    return int(row[0])


def _at_paths(connection: sqlite3.Connection, globs: Iterable[str]) -> Clause:
    """Files whose path matches any of the globs, and members of archives and mails below them whose place does."""
    tests = [path_test(glob) for glob in globs]

    def passes(path: str) -> bool:
        return any(test(path) for test in tests)

    shown = dict(connection.execute("SELECT id, shown FROM files"))
    files = {file_id for file_id, path in shown.items() if passes(path)}
    members = connection.execute("SELECT id, file_id, member FROM documents WHERE member != ''")
    documents = [
        document_id
        for document_id, file_id, member in members
        if file_id not in files and passes(f"{shown[file_id]}/{member}")
    ]
    if not documents:
        return Clause("files.id IN (SELECT value FROM json_each(?))", (json.dumps([*files]),))
    return Clause(
        "(files.id IN (SELECT value FROM json_each(?)) OR documents.id IN (SELECT value FROM json_each(?)))",
        (json.dumps([*files]), json.dumps(documents)),
    )


def _outside(paths: Iterable[bytes]) -> Clause:
    """Files that are none of these and lie below none of them."""
    # Below /a lies what stands between /a/ and /a0, the byte after the slash.
    ranges = [(start, end) for path in paths for start, end in ((path, path + b"\0"), (path + b"/", path + b"0"))]
    return Clause(
        "files.id NOT IN (SELECT files.id FROM json_each(?) AS one JOIN files"
        " ON files.path >= unhex(one.value ->> 0) AND files.path < unhex(one.value ->> 1))",
        (json.dumps([(start.hex(), end.hex()) for start, end in ranges]),),
    )


def _of_types(types: Sequence[str]) -> Clause:
    """Files of these types by their content, and members of archives and mails by their ending."""
    endings = [*types, *(other for other, kind in _SAME_TYPE.items() if kind in types)]
    like = ["%." + ending.replace("_", r"\_") for ending in endings]
    inside = " OR ".join([r"documents.member LIKE ? ESCAPE '\'"] * len(like))
    return Clause(f"(files.type IN (SELECT value FROM json_each(?)) OR {inside})", (json.dumps([*types]), *like))


def _named(connection: sqlite3.Connection, column: str, wanted: Iterable[str]) -> Clause:
    """Documents whose author or title has all words of any of the wanted names."""
    tests = [name_test(one) for one in wanted]
    values = (row[0] for row in connection.execute(f"SELECT DISTINCT {column} FROM documents WHERE {column} != ''"))
    found = [value for value in values if any(test(value) for test in tests)]
    return Clause(f"documents.{column} IN (SELECT value FROM json_each(?))", (json.dumps(found),))


def name_test(wanted: str) -> Callable[[str], bool]:
    """Whether a name has all words of `wanted`, in any order, whatever their case and accents.

    A word in a script without spaces may stand inside a longer one.
    """
    words = _folded(wanted)

    def passes(name: str) -> bool:
        there = _folded(name)
        return all(word in there or (not word.isascii() and _is_unspaced(word, there)) for word in words)

    return passes


def _is_unspaced(word: str, there: set[str]) -> bool:
    return any(piece.unspaced for piece in pieces(word)) and any(word in other for other in there)


def _folded(text: str) -> set[str]:
    """The words of a text without case and accents."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if unicodedata.category(letter) != "Mn")
    return set(re.findall(r"[^\W_]+", plain.casefold()))


def path_test(glob: str) -> Callable[[str], bool]:
    """Whether a shown path is, or lies below, something that the glob names.

    `*` and `?` stay within one name, `**` crosses folders. A glob may begin at any folder of the path unless it
    begins with `/`, `~` or `.`; `..` and `.` are seen from the working folder. A glob without capitals matches
    them too. Raises QueryError.
    """
    if re.match(r"[/~]|\.\.?(/|$)", glob):
        glob = os.path.normpath(os.path.join(_working_folder(), os.path.expanduser(glob)))
    glob = _NO_UTF8.sub(lambda byte: f"\\x{ord(byte[0]) - 0xDC00:02x}", glob)
    glob = unicodedata.normalize("NFC", glob).rstrip("/")
    ignore_case = re.IGNORECASE if glob == glob.lower() else 0
    try:
        pattern = re.compile(_translated(glob), re.DOTALL | ignore_case)
    except re.error:  # a set like [z-a]
        raise QueryError(f"{glob!r} is not a glob.", hint="Write a folder, or a glob like '*.pdf'.") from None
    return lambda shown: pattern.fullmatch(unicodedata.normalize("NFC", shown)) is not None


_NO_UTF8 = re.compile("[\udc80-\udcff]")
"""A byte of a path that is not UTF-8, as Python keeps it; `paths.shown` writes `\\xff`."""


def _working_folder() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        raise QueryError("The current folder is gone.", hint="Write the path to filter by from / on.") from None


_GLOB = re.compile(
    r"(?P<folders>(?:(?<![^/])\*{2,}/)+)|(?P<all>\*{2,})|(?P<star>\*)|(?P<one>\?)|\[(?P<set>!?\]?[^\]/]+)\]|(?P<plain>.)",
    re.DOTALL,
)
_GAPS = {"folders": "(?:[^/]*/)*?", "all": ".*?", "star": "[^/]*?"}


def _translated(glob: str) -> str:
    """A glob as a regular expression whose time does not explode, whatever the glob.

    Between two gaps (`*`, `**`, `**/`) stands text of a fixed length, and its first place after a gap is as good as
    any later one: what follows has the more room. So no gap but the last one is ever tried again, nor, before the last
    one that crosses folders, is the whole of what lies between two such gaps.
    """
    parts: list[tuple[str, list[str]]] = [("" if glob.startswith("/") else _GAPS["folders"], [""])]
    for match in _GLOB.finditer(glob):
        kind = match.lastgroup or ""
        if kind in ("folders", "all"):
            parts.append((_GAPS[kind], [""]))
        elif kind == "star":
            parts[-1][1].append("")
        else:
            parts[-1][1][-1] += _one_character(kind, match)
    *before, (last_gap, last) = parts
    regex = "".join(f"(?>{gap}{_once(texts, texts[1:])})" for gap, texts in before)
    return (
        f"{regex}{last_gap}{_once(last, last[1:-1])}{''.join(_GAPS['star'] + text for text in last[1:][-1:])}(?:/.*)?"
    )


def _once(texts: Sequence[str], after_stars: Sequence[str]) -> str:
    """The first text, then each of the others at its first place within the same name."""
    return texts[0] + "".join(f"(?>{_GAPS['star']}{text})" for text in after_stars)


def _one_character(kind: str, match: re.Match[str]) -> str:
    if kind == "one":
        return "[^/]"
    return re.escape(match["plain"]) if kind == "plain" else _character_set(match["set"])


def _character_set(content: str) -> str:
    negated = content.startswith("!")
    members = re.sub(r"([\\\[\]^&~|])", r"\\\1", content[negated:])
    return f"[{'^/' if negated else ''}{members}]"
