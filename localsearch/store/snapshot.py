"""What readers see: one consistent state of an index, however many writers' commits come meanwhile."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, local
from typing import TYPE_CHECKING, Any

from localsearch.naming import spoken_name
from localsearch.records import IndexedPassage
from localsearch.store import cache
from localsearch.store.catalogue import read_setting
from localsearch.store.checksums import are_intact, is_intact, selected
from localsearch.store.connections import Connections
from localsearch.store.forking import reading, tell_of_forks
from localsearch.store.keys import name_key
from localsearch.store.sqlite import Connection, damaged, translated

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix, Float32Vector, Int64Vector

SHOWN = ("passages", "documents", "files")
"""Tables whose rows a hit shows."""
INDEXED = (
    "passages.id, passages.ordinal, passages.text, passages.context,"
    " passages.start, passages.end, passages.page, passages.heading"
)
"""The fields of an IndexedPassage."""
MOST_NAMES = 20_000
"""Embeddings of file names kept between queries: 30 MB at 384 dimensions."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """All vectors of one generation: those in the FAISS file, and those that came after it."""

    generation: int
    fingerprint: str
    """Of the encoder that they are of. With one encoder the vector of a passage never changes."""
    record: cache.CacheRecord | None
    """The FAISS file as the index knows it."""
    cached: Any | None
    """The FAISS index; None when there is none that can be trusted."""
    gone: Int64Vector
    """Ids that the FAISS index still holds but that are deleted."""
    fresh_ids: Int64Vector
    """Shape (n,)."""
    fresh: Any
    """float16 (n, dim)."""

    @property
    def passages(self) -> int:
        """How many passages the index holds."""
        cached = 0 if self.cached is None else int(self.cached.ntotal) - len(self.gone)
        return cached + len(self.fresh_ids)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What ranking needs of n passages, in the order of their files' paths and of the text in them.

    The order is the same whenever and however the files were indexed, and so is that of equal scores.
    """

    ids: Int64Vector
    """(n,)."""
    documents: list[int]
    pages: list[int | None]
    texts: list[int]
    """Equal numbers, equal texts under equal contexts."""
    paths: list[bytes | None]
    """The file of each; None where the index has lost it."""
    vectors: Float32Matrix
    """(n, dim), unit length."""
    damaged: int
    """Passages left out because their vector is not the one that was stored."""


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with what is known of its document and file."""

    id: int
    vector_id: int
    document_id: int
    path: bytes
    member: str
    title: str
    page: int | None
    heading: str
    context: str
    text: str
    key: bytes
    intact: bool
    """Whether the rows of passage, document and file are as they were written."""


class Reader:
    """Reads an index from any number of threads. Raises IndexNotFound, IndexDamaged, IndexMismatch, StorageError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mine = local()
        self._connections = Connections(folder)
        self._lock = Lock()
        self._loading = Lock()
        self._vectors: Vectors | None = None
        self._names_of = -1
        self._names: dict[int, Float32Vector | None] = {}
        tell_of_forks(self)
        with self.snapshot():  # what cannot be opened is said now
            pass

    def close(self) -> None:
        self._connections.close()
        self._vectors = None

    def before_fork(self) -> None:
        """The vectors in memory may be shared with the child."""

    def after_fork_in_child(self) -> None:
        self._lock, self._loading = Lock(), Lock()

    @contextmanager
    def snapshot(self, *, beside: bool = False) -> Iterator[Connection]:
        """One read transaction; nested uses in one thread share it.

        `beside`: this thread works for one that is inside a snapshot of its own, and waits.
        """
        with translated(self.folder):
            shared: Connection | None = getattr(self._mine, "connection", None)
            if shared is not None:
                yield shared
                return
            with reading(beside=beside), self._connections.lent() as connection:
                connection.execute("BEGIN")
                self._mine.connection = connection
                try:
                    yield connection
                finally:
                    self._mine.connection = None
                    connection.execute("ROLLBACK")

    def setting(self, connection: Connection, key: str) -> str:
        """One setting; empty when there is none. Raises IndexDamaged."""
        return read_setting(connection, self.folder, key)

    def dim(self, connection: Connection) -> int:
        """Length of the vectors in this snapshot; another encoder changes it. Raises IndexDamaged."""
        return self._number(connection, "dim")

    def _number(self, connection: Connection, key: str) -> int:
        value = self.setting(connection, key)
        if not value.isdecimal():
            raise damaged(self.folder, f"its setting {key!r} is lost")
        return int(value)

    def vectors(self, connection: Connection) -> Vectors:
        """The vectors as of this snapshot; loaded once per generation, shared by all threads."""
        generation = self._number(connection, "generation")
        known = self._vectors
        if known is None or known.generation != generation:
            with self._loading:  # what one thread loads, others need not
                known = self._vectors
                if known is None or known.generation != generation:
                    known = self._vectors = self._load(connection, generation, known)
        return known

    def _load(self, connection: Connection, generation: int, known: Vectors | None) -> Vectors:
        """The vectors of this snapshot; what is `known` and the same now is not read again."""
        import numpy as np

        record, fingerprint = cache.read_record(connection), self.setting(connection, "fingerprint")
        if known is not None and known.fingerprint != fingerprint:
            known = None
        if known is not None and known.cached is not None and known.record == record:
            cached = known.cached
        else:
            cached = cache.load(self.folder, record) if record else None
        after = record.last_passage if record and cached is not None else 0
        ids, fresh = self._fresh(connection, after, known)
        gone = [row[0] for row in connection.execute("SELECT passage_id FROM tombstones ORDER BY passage_id")]
        return Vectors(generation, fingerprint, record, cached, np.array(gone, np.int64), ids, fresh)

    def _fresh(self, connection: Connection, after: int, known: Vectors | None) -> tuple[Int64Vector, Any]:
        """Ids (n,) and vectors, float16 (n, dim), of the passages with greater ids than `after`."""
        import numpy as np

        dim = self.dim(connection)
        ids, parts = [np.empty(0, np.int64)], [np.empty((0, dim), np.float16)]
        if known is not None:
            rows = connection.execute("SELECT id FROM passages WHERE id > ? ORDER BY id", [after])
            now = np.fromiter((row[0] for row in rows), np.int64)
            whole = known.fresh.any(axis=1)  # zeros stand for a damaged vector, which may have been mended
            new = np.setdiff1d(now, known.fresh_ids[whole], assume_unique=True)
            last = int(new[0]) - 1 if len(new) else int(now[-1]) if len(now) else after
            kept = whole & np.isin(known.fresh_ids, now) & (known.fresh_ids <= last)
            ids, parts, after = [known.fresh_ids[kept]], [known.fresh[kept]], last
        for some, matrix in cache.stored_vectors(connection, dim, after=after):
            ids.append(some)
            parts.append(matrix.astype(np.float16))
        return np.concatenate(ids), np.concatenate(parts)

    def candidates(self, connection: Connection, ids: Int64Vector) -> Candidates:
        """What ranking needs of the passages with these ids.

        Ids that do not exist are left out, and counted those whose vector is damaged. A file whose row is damaged has
        no path.
        """
        import numpy as np

        rows = connection.execute(
            "SELECT passages.id, document_id, page, vector_id, vectors.value, vectors.key, vectors.checksum,"
            f" {selected('files')} FROM passages JOIN vectors ON vectors.id = passages.vector_id"
            " LEFT JOIN documents ON documents.id = passages.document_id LEFT JOIN files ON files.id = file_id"
            " WHERE passages.id IN (SELECT value FROM json_each(?))"
            " ORDER BY files.path, documents.ordinal, passages.ordinal",
            [json.dumps(ids.tolist())],
        ).fetchall()
        read = len(rows)
        rows = [row for row in rows if is_intact("vectors", (row[5], row[4], row[6]))]
        dim = self.dim(connection)
        matrix = np.frombuffer(b"".join(row[4] for row in rows), "<f2").reshape(-1, dim).astype(np.float32)
        files = {row[7]: row[7:] for row in rows}
        paths = {file: row[1] if is_intact("files", row) else None for file, row in files.items()}
        return Candidates(
            np.array([row[0] for row in rows], np.int64),
            [row[1] for row in rows],
            [row[2] for row in rows],
            [row[3] for row in rows],
            [paths[row[7]] for row in rows],
            matrix,
            read - len(rows),
        )

    def paths(self, connection: Connection, documents: Iterable[int]) -> dict[int, bytes]:
        """The file of each of these documents; none of a document whose row or file's row is damaged."""
        rows = connection.execute(
            f"SELECT documents.id, path, {selected('documents')}, {selected('files')}"
            " FROM documents JOIN files ON files.id = file_id"
            " WHERE documents.id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(documents))],
        )
        return {document: path for document, path, *both in rows if are_intact(SHOWN[1:], both)}

    def names(self, connection: Connection, documents: Collection[int]) -> dict[int, Float32Vector | None]:
        """The embedding of each document's file name, float32 (dim,); None where it says nothing or has none yet."""
        generation = self._number(connection, "generation")
        with self._lock:
            if self._names_of != generation or len(self._names) > MOST_NAMES:
                self._names_of, self._names = generation, {}
            known = self._names
        missing = [document for document in documents if document not in known]
        if missing:
            known.update(self._read_names(connection, missing))
        return {document: known[document] for document in documents}

    def _read_names(self, connection: Connection, documents: list[int]) -> dict[int, Float32Vector | None]:
        import numpy as np

        fingerprint = self.setting(connection, "fingerprint")
        rows = connection.execute(
            f"SELECT documents.id, shown, member, {selected('documents')}, {selected('files')}"
            " FROM documents JOIN files ON files.id = file_id"
            " WHERE documents.id IN (SELECT value FROM json_each(?))",
            [json.dumps(documents)],
        )
        names = {
            document: spoken_name(shown, member)
            for document, shown, member, *both in rows
            if are_intact(SHOWN[1:], both)
        }
        keys = {name: name_key(fingerprint, name) for name in names.values() if name}
        rows = connection.execute(
            "SELECT key, value, checksum FROM vectors WHERE key IN (SELECT unhex(value) FROM json_each(?))",
            [json.dumps([key.hex() for key in keys.values()])],
        )
        values = {key: value for key, value, made in rows if is_intact("vectors", (key, value, made))}
        vectors = {
            name: np.frombuffer(values[key], "<f2").astype(np.float32) for name, key in keys.items() if key in values
        }
        return {document: vectors.get(names.get(document, "")) for document in documents}

    def passages(self, connection: Connection, ids: list[int]) -> list[StoredPassage]:
        """Passages in the order of `ids`; ids that do not exist are left out."""
        rows = connection.execute(
            "SELECT passages.id, vector_id, document_id, files.path, member, title, page, heading, context, text,"
            f" vectors.key, {selected('passages')}, {selected('documents')}, {selected('files')}"
            " FROM passages JOIN documents ON documents.id = passages.document_id"
            " JOIN files ON files.id = documents.file_id JOIN vectors ON vectors.id = passages.vector_id"
            " WHERE passages.id IN (SELECT value FROM json_each(?))",
            [json.dumps(ids)],
        )
        found = {row[0]: StoredPassage(*(*row[:11], are_intact(SHOWN, row[11:]))) for row in rows}
        return [found[one] for one in ids if one in found]

    def indexed(self, connection: Connection, ids: list[int]) -> list[IndexedPassage]:
        """The passages with these ids, by id; ids that do not exist are left out. Raises IndexDamaged."""
        rows = connection.execute(
            f"SELECT {INDEXED}, {selected('passages')} FROM passages"
            " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            [json.dumps(ids)],
        )
        return self._indexed(rows, ("passages",))

    def passages_of(self, connection: Connection, path: bytes, member: str) -> list[IndexedPassage]:
        """All passages of one document, in order; empty when the index does not know it. Raises IndexDamaged."""
        rows = connection.execute(
            f"SELECT {INDEXED}, {selected('passages')}, {selected('documents')}, {selected('files')}"
            " FROM passages JOIN documents ON documents.id = passages.document_id"
            " JOIN files ON files.id = documents.file_id"
            " WHERE files.path = ? AND documents.member = ? ORDER BY documents.ordinal, passages.ordinal",
            [path, member],
        )
        return self._indexed(rows, SHOWN)

    def _indexed(self, rows: Iterable[Sequence[Any]], tables: Sequence[str]) -> list[IndexedPassage]:
        found = []
        for row in rows:
            if not are_intact(tables, row[8:]):
                raise damaged(self.folder, f"the row of passage {row[0]} is not as it was written")
            found.append(IndexedPassage(*row[:8]))
        return found
