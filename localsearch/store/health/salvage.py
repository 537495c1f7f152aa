"""A new database from what can be read of a damaged one: every row that is as it was written, under its old id.

Vectors come first: they stand under content keys, so a text that is read again finds its own and is not encoded. Files
of which something is lost keep what is left and are marked to be read again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from localsearch.naming import spoken_name
from localsearch.store.cache import NAME as CACHE_NAME
from localsearch.store.checksums import COVERED, checksum
from localsearch.store.health.reading import Row, Rows, read_small
from localsearch.store.keys import content_key, name_key
from localsearch.store.sqlite import UNREADABLE, Connection, transaction
from localsearch.store.writer import NAMED

_COMPLETE = COVERED["roots"].index("complete")

Complete = Callable[[Mapping[str, str]], dict[str, str]]
"""Gives settings that are lost a value; gets those that are not."""


@dataclass(slots=True)
class Salvaged:
    """What became of a damaged database."""

    lost: list[str] = field(default_factory=list)
    """What nothing can bring back, and what to do about it."""
    read_again: bool = False
    """Whether files must be read again for what is lost."""


def salvage(old: Connection | None, new: Connection, complete: Complete, files: Iterable[str]) -> Salvaged:
    """Fill the empty database `new`, whose format is the newest. No word and no FAISS file is carried over.

    `files`: the names in the index folder; a FAISS file's has the generation that it was made in.
    """
    result = Salvaged()
    with transaction(new):
        settings, _ = read_small(old, "settings") if old else ([], 0)
        known = complete(dict(settings)) | {"words": "0", "generation": str(_next(settings, files))}
        roots, damaged_roots = read_small(old, "roots") if old else ([], 1)
        _insert(new, "roots", roots)
        if damaged_roots:
            result.lost.append("an indexed folder is not remembered: name it again with `localsearch index PATH`")
        if old is not None:
            _Carrier(old, new, known["fingerprint"], int(known["dim"]), whole=_is_whole(old)).carry(result)
        whole = not damaged_roots and not result.read_again and all(root[_COMPLETE] for root in roots)
        _insert(new, "settings", (known | {"complete": str(int(whole))}).items())
    return result


def _next(settings: Iterable[Row], files: Iterable[str]) -> int:
    """A generation that has never been."""
    numbers = [int(value) for key, value in settings if key == "generation"]
    numbers += [int(name[8:-6]) for name in files if CACHE_NAME.fullmatch(name)]
    return max(numbers, default=0) + 1


def _is_whole(old: Connection) -> bool:
    """Whether the structure is sound, so that no row can have gone without leaving a gap."""
    try:
        return bool(old.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")
    except UNREADABLE:
        return False


def _insert(new: Connection, table: str, rows: Iterable[Row]) -> None:
    names = COVERED[table]
    new.executemany(
        f"INSERT INTO {table} ({', '.join(names)}, checksum) VALUES ({', '.join('?' * (len(names) + 1))})",
        ((*row, checksum(table, row)) for row in rows),
    )


class _Carrier:
    """Carries vectors, files, documents and passages over."""

    def __init__(self, old: Connection, new: Connection, fingerprint: str, dim: int, *, whole: bool) -> None:
        self._old, self._new = old, new
        self._fingerprint = fingerprint
        self._dim = dim
        self._whole = whole
        self._stale: set[int] = set()

    def carry(self, result: Salvaged) -> None:
        vectors_lost = self._vectors()
        file_rows = Rows(self._old, "files")
        files = {row[0]: row for row in file_rows}
        document_rows = Rows(self._old, "documents")
        documents = {row[0]: row for row in document_rows if row[1] in files}
        owner = {number: row[1] for number, row in documents.items()}
        self._lost_near(document_rows, list(owner.items()), {row[0]: row[0] for row in files.values()})
        _insert(self._new, "files", files.values())
        _insert(self._new, "documents", documents.values())
        passages = Rows(self._old, "passages")
        kept = self._passages(passages, owner)
        self._lost_near(passages, [(number, owner[document]) for number, document in kept], owner)
        self._gaps(files, documents, kept)
        if vectors_lost:
            self._names()
        stale = list(files) if not self._whole else sorted(self._stale)
        for number in stale:
            self._mark(files[number])
        result.read_again = bool(stale or file_rows.suspect)

    def _vectors(self) -> bool:
        """Whether some are lost."""
        found = Rows(self._old, "vectors")
        rows = (row for row in found if len(row[1]) == 2 * self._dim)
        self._new.executemany(
            "INSERT OR IGNORE INTO vectors (key, value, checksum) VALUES (?, ?, ?)",
            ((*row, checksum("vectors", row)) for row in rows),
        )
        return bool(found.suspect)

    def _names(self) -> None:
        """Files whose name has lost its vector."""
        for number, shown, member in self._new.execute(f"SELECT files.id, {NAMED.removeprefix('SELECT ')}").fetchall():
            name = spoken_name(shown, member)
            if (
                name
                and not self._new.execute(
                    "SELECT 1 FROM vectors WHERE key = ?", [name_key(self._fingerprint, name)]
                ).fetchone()
            ):
                self._stale.add(number)

    def _passages(self, rows: Rows, owner: Mapping[int, int]) -> list[tuple[int, int]]:
        """Id and document of every passage that is carried over: those whose vector is there."""
        kept: list[tuple[int, int]] = []
        names = COVERED["passages"]
        sql = (
            f"INSERT INTO passages ({', '.join(names)}, checksum, vector_id)"
            f" VALUES ({', '.join('?' * (len(names) + 1))}, ?)"
        )
        for row in rows:
            document = row[1]
            if document not in owner:
                continue
            key = content_key(self._fingerprint, row[-2], row[-1])
            vector = self._new.execute("SELECT id FROM vectors WHERE key = ?", [key]).fetchone()
            if vector is None:
                self._stale.add(owner[document])
                continue
            self._new.execute(sql, [*row, checksum("passages", row), vector[0]])
            kept.append((row[0], document))
        return kept

    def _lost_near(self, rows: Rows, kept: list[tuple[int, int]], owner: Mapping[int, int]) -> None:
        """Rows are written in order: a lost one belonged to the file of one of its neighbours, or the one it names."""
        ids = [number for number, _ in kept]
        for number, row in rows.suspect:
            place = bisect_left(ids, number)
            self._stale.update(file for _, file in kept[max(0, place - 1) : place + 1])
            if row and row[1] in owner:
                self._stale.add(owner[row[1]])

    def _gaps(self, files: Mapping[int, Row], documents: Mapping[int, Row], kept: list[tuple[int, int]]) -> None:
        """Files whose documents or passages are not numbered through, or that have none although they should."""
        of_file: dict[int, list[int]] = defaultdict(list)
        counts: dict[int, int] = defaultdict(int)
        for row in documents.values():
            of_file[row[1]].append(row[2])
        for _, document in kept:
            counts[document] += 1
        reason = COVERED["files"].index("reason")
        self._stale.update(
            number
            for number, row in files.items()
            if sorted(of_file[number]) != list(range(len(of_file[number]))) or (not of_file[number] and not row[reason])
        )
        last = self._new.execute("SELECT document_id, max(ordinal) FROM passages GROUP BY document_id").fetchall()
        self._stale.update(documents[document][1] for document, most in last if most != counts[document] - 1)
        self._stale.update(row[1] for number, row in documents.items() if not counts[number])

    def _mark(self, row: Row) -> None:
        """Let the next run read the file again: it seems to have other bytes than those that were read."""
        changed = dict(zip(COVERED["files"], row, strict=True)) | {"size": 0, "mtime_ns": 0, "content_hash": b""}
        self._new.execute(
            "UPDATE files SET size = 0, mtime_ns = 0, content_hash = x'', checksum = ? WHERE id = ?",
            [checksum("files", changed.values()), row[0]],
        )
