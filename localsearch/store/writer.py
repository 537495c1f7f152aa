"""Everything that changes an index. Held by one process at a time, under the writer's lock.

A batch is one transaction: a reader sees the old or the new version of a file, never both, never none.
Vectors may be committed before the passages that use them; a vector without a passage is harmless and is kept
until the next complete run, so that an interrupted run is not encoded again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING

from localsearch.errors import EraseUnfinished
from localsearch.naming import spoken_name
from localsearch.records import Document, Passage, SourceFile
from localsearch.store import checksums, erase, exchange, reserve
from localsearch.store.cache import read_record
from localsearch.store.catalogue import read_setting
from localsearch.store.checksums import COVERED, Value, as_sql, checksum, vector_checksum
from localsearch.store.create import sweep
from localsearch.store.folder import check_index
from localsearch.store.keys import content_key, name_key
from localsearch.store.lock import WriterLock
from localsearch.store.sqlite import DATABASE, PATIENCE, connect, is_full, sqlite3, transaction, translated
from localsearch.store.steps import in_steps
from localsearch.store.words import WORDS_VERSION, index_text

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix

NAMED = "SELECT shown, member FROM files JOIN documents ON file_id = files.id"
"""Path and member of every document, as its name is made of them."""
_SECOND = 1_000_000_000
PASSAGE_WORDS = (
    "SELECT passages.id, passages.text, passages.context, files.shown, documents.member FROM passages"
    " JOIN documents ON documents.id = passages.document_id JOIN files ON files.id = documents.file_id"
)
"""The id of every passage, and what `words_of` needs."""
WAL_LIMIT = 64 * 1024 * 1024
"""Bytes of write-ahead log after which the writer copies it back."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A row of `files`, as the pipeline knows it before it is stored."""

    path: bytes
    shown: str
    type: str
    size: int
    mtime_ns: int
    content_hash: bytes
    parser: str
    reason: str = ""
    notes: tuple[str, ...] = ()
    pending: str = ""
    """Why the last attempt to read it failed through no fault of the file; the next run tries again."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document with its passages and their content keys, in order."""

    document: Document
    passages: tuple[Passage, ...]
    keys: tuple[bytes, ...]


class Writer:
    """The one writer of an index. Raises IndexBusy, IndexDamaged, IndexMismatch, StorageError on entering."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.erased_before = False
        """Whether entering has finished what an interrupted forget had left."""
        self._stack = ExitStack()

    def __enter__(self) -> Writer:
        from sqlite_utils import Database

        from localsearch.store.schema import migrate, read_format

        with ExitStack() as stack, translated(self.folder):
            database = check_index(self.folder)
            stack.enter_context(WriterLock(self.folder))
            stack.callback(reserve.keep, self.folder, database)
            exchange.finish(self.folder)
            self._open()
            stack.callback(self._close)
            read_format(self.connection, self.folder)
            migrate(Database(self.connection, execute_plugins=False))
            sweep(self.folder, keep=self.cache_file())
            self._refresh_words()
            with suppress(EraseUnfinished):  # the mark stands; who reads now shall not keep others from writing
                self.erased_before = erase.finish(self, patience=0)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def reopen(self) -> None:
        """Open the database again, with nothing of it in memory."""
        self._close()
        self._open()

    def _close(self) -> None:
        self.connection.close()

    def _open(self) -> None:
        self.connection = connect(self.folder / DATABASE, writable=True)
        self.connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
        checksums.register(self.connection)

    def cache_file(self) -> str:
        """Name of the FAISS file that may be used; empty when there is none."""
        record = read_record(self.connection)
        return record.file if record else ""

    def setting(self, key: str) -> str:
        """A setting of the index; empty when it has none. Raises IndexDamaged."""
        return read_setting(self.connection, self.folder, key)

    # Settings of the index

    def put(self, **values: object) -> None:
        """Write settings; part of the transaction that is open, else one of its own."""
        self.connection.executemany(
            "INSERT OR REPLACE INTO settings (key, value, checksum) VALUES (?, ?, ?)",
            [(key, str(value), checksum("settings", (key, str(value)))) for key, value in values.items()],
        )

    def begin(self, roots: Iterable[bytes]) -> None:
        """Note that a run over these roots is under way."""
        with transaction(self.connection):
            for root in roots:
                self._change("roots", "path = ?", root, complete=0)
            self._note_complete()

    def end(self, roots: Iterable[bytes], parts_of: Iterable[bytes] = ()) -> None:
        """Note that a run over these roots has come to its end.

        `parts_of`: roots of which a part alone was looked at, and that were complete before.
        """
        now = int(time.time())
        with transaction(self.connection):
            for root in roots:
                self._change("roots", "path = ?", root, complete=1, updated=now)
            for root in parts_of:
                self._change("roots", "path = ?", root, complete=1)
            self.put(updated=now)
            self._note_complete()

    def complete_roots(self) -> set[bytes]:
        """Those whose last run has ended."""
        return {bytes(path) for (path,) in self.connection.execute("SELECT path FROM roots WHERE complete = 1")}

    def _note_complete(self) -> None:
        """Whether the last run over every root has ended; part of the transaction that is open."""
        missing = self.connection.execute("SELECT EXISTS (SELECT 1 FROM roots WHERE complete = 0)").fetchone()[0]
        self.put(complete=int(not missing))

    def next_generation(self) -> int:
        """Count one more change; readers compare this number."""
        generation = int(self.setting("generation")) + 1
        self.put(generation=generation)
        return generation

    def _sign(self, table: str, condition: str, *values: Value) -> None:
        """Make the checksums of the rows that an UPDATE has changed; part of the transaction that is open."""
        self.connection.execute(
            f"UPDATE {table} SET {checksums.column(table)} = {as_sql(table)} WHERE {condition}", values
        )

    def _change(self, table: str, condition: str, *values: Value, **columns: Value) -> None:
        """Give these columns of the rows that fulfil a condition other values, under new checksums."""
        changes = ", ".join(f"{name} = ?" for name in columns)
        self.connection.execute(f"UPDATE {table} SET {changes} WHERE {condition}", [*columns.values(), *values])
        self._sign(table, condition, *values)

    # Roots

    def add_root(self, path: bytes, options: str) -> None:
        """Remember a root, or give a known one other options."""
        with transaction(self.connection):
            self.connection.execute(
                "INSERT INTO roots (path, options) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET options = ?",
                [path, options, options],
            )
            self._sign("roots", "path = ?", path)
            self._note_complete()

    def remove_root(self, path: bytes) -> None:
        with transaction(self.connection):
            self.connection.execute("DELETE FROM roots WHERE path = ?", [path])
            self._note_complete()

    def move_root(self, old: bytes, new: bytes, files: Mapping[bytes, tuple[bytes, str]]) -> None:
        """Rename a root and its files in one transaction; `files`: old path -> new path and how it is shown."""
        with transaction(self.connection):
            self.connection.execute("UPDATE roots SET path = ? WHERE path = ?", [new, old])
            self._sign("roots", "path = ?", new)
            for path, (place, shown) in files.items():
                before = self._words_below(path)
                self.connection.execute("UPDATE files SET path = ?, shown = ? WHERE path = ?", [place, shown, path])
                self._sign("files", "path = ?", place)
                after = self._words_below(place)
                if before != after:
                    self._delete_words(before)
                    self._insert_words(after)
            self.next_generation()

    def _words_below(self, path: bytes) -> list[tuple[int, str, str, str]]:
        """Id and words of every passage of a file."""
        rows = self.connection.execute(f"{PASSAGE_WORDS} WHERE files.path = ?", [path])
        return [(row[0], *words_of(*row[1:])) for row in rows.fetchall()]

    def _delete_words(self, rows: Iterable[tuple[int, str, str, str]]) -> None:
        self.connection.executemany(
            "INSERT INTO words (words, rowid, text, context, name) VALUES ('delete', ?, ?, ?, ?)", rows
        )

    def _insert_words(self, rows: Iterable[tuple[int, str, str, str]]) -> None:
        self.connection.executemany("INSERT INTO words (rowid, text, context, name) VALUES (?, ?, ?, ?)", rows)

    # Vectors

    def missing(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of `keys` that have no vector yet."""
        wanted = list(dict.fromkeys(keys))
        found: set[bytes] = set()
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self.connection.execute(f"SELECT key FROM vectors WHERE key IN ({marks})", part)
            found.update(row[0] for row in rows)
        return set(wanted) - found

    def add_vectors(self, keys: Sequence[bytes], matrix: Float32Matrix) -> None:
        """Commit vectors, float32 (n, dim), unit length; stored as little-endian float16."""
        halves = matrix.astype("<f2")
        with transaction(self.connection):
            self.connection.executemany(
                "INSERT OR IGNORE INTO vectors (key, value, checksum) VALUES (?, ?, ?)",
                [
                    (key, value, vector_checksum(key, value))
                    for key, value in zip(keys, (row.tobytes() for row in halves), strict=True)
                ],
            )

    def drop_unused_vectors(self) -> None:
        """Drop the vectors that neither a passage nor the name of a file has, or will have with the next encoder."""
        in_steps(self, self._unused_vectors(), self._delete_vectors)

    def _unused_vectors(self) -> list[int]:
        names = {spoken_name(*row) for row in self.connection.execute(NAMED)}
        kept = {name_key(self.setting("fingerprint"), name) for name in names}
        if pending := self.setting("next_fingerprint"):  # another encoder's vectors are being made
            kept |= {name_key(pending, name) for name in names}
            kept |= {
                content_key(pending, *row) for row in self.connection.execute("SELECT context, text FROM passages")
            }
        rows = self.connection.execute(
            "SELECT id FROM vectors WHERE id NOT IN (SELECT vector_id FROM passages)"
            " AND key NOT IN (SELECT unhex(value) FROM json_each(?))",
            [json.dumps(sorted(key.hex() for key in kept))],
        )
        return [row[0] for row in rows]

    def _delete_vectors(self, ids: Sequence[int]) -> None:
        self.connection.executemany("DELETE FROM vectors WHERE id = ?", ((one,) for one in ids))

    def point_to(self, keys: Iterable[tuple[int, bytes]]) -> None:
        """Give these passages, by id, the vectors with these keys; part of the transaction that is open."""
        self.connection.executemany(
            "UPDATE passages SET vector_id = (SELECT id FROM vectors WHERE key = ?) WHERE id = ?",
            ((key, passage) for passage, key in keys),
        )

    def drop_setting(self, key: str) -> None:
        self.connection.execute("DELETE FROM settings WHERE key = ?", [key])

    # Files

    def replace(self, files: Iterable[tuple[StoredFile, Sequence[StoredDocument]]]) -> None:
        """Put these files in the place of what was known of them, in one transaction."""
        with transaction(self.connection):
            for file, documents in files:
                self._delete_files([file.path])
                self._insert(file, documents)
            self.next_generation()

    def touch(self, sources: Iterable[SourceFile]) -> None:
        """Record size and time of files whose bytes turned out to be the stored ones, in one transaction.

        A document that has no date of its own has its file's.
        """
        with transaction(self.connection):
            dates = sum(self._touch(source) for source in sources)
            if dates:  # filters see them
                self.next_generation()

    def _touch(self, source: SourceFile) -> int:
        """The number of documents whose date has changed."""
        file_id, before = self.connection.execute(
            "SELECT id, mtime_ns FROM files WHERE path = ?", [source.path]
        ).fetchone()
        self._change("files", "id = ?", file_id, size=source.size, mtime_ns=source.mtime_ns, pending="")
        old, new = before // _SECOND, source.mtime_ns // _SECOND
        dated = [
            row[0]
            for row in self.connection.execute(
                "SELECT id FROM documents WHERE file_id = ? AND date = ?", [file_id, old]
            )
        ]
        for document in dated if old != new else ():
            self._change("documents", "id = ?", document, date=new)
        return len(dated) if old != new else 0

    def keep(self, reasons: Mapping[bytes, str]) -> None:
        """Note why these known files could not be read now; what is known of them stays."""
        with transaction(self.connection):
            for path, reason in reasons.items():
                self._change("files", "path = ?", path, pending=reason)

    def remove(self, paths: Iterable[bytes]) -> None:
        """Forget these files and all that came from them: in one transaction, on a full disk in as many as it takes."""
        paths, inside = list(paths), self.connection.in_transaction
        if reserve.is_nearly_full(self.folder):
            self.make_room()
        try:
            with transaction(self.connection):
                self._delete_files(paths)
                self.next_generation()
        except sqlite3.OperationalError as error:
            if inside or not is_full(error):
                raise
            self.make_room()
            in_steps(self, [one for path in paths for one in self._passages_of(path)], self._delete_passages)
            in_steps(self, paths, self._delete_files)

    def _delete_files(self, paths: Iterable[bytes]) -> None:
        for path in paths:
            self._delete_passages(self._passages_of(path))
            self.connection.execute("DELETE FROM files WHERE path = ?", [path])

    def _passages_of(self, path: bytes) -> list[int]:
        rows = self.connection.execute(
            "SELECT passages.id FROM passages JOIN documents ON documents.id = document_id"
            " JOIN files ON files.id = file_id WHERE files.path = ?",
            [path],
        )
        return [row[0] for row in rows]

    def _delete_passages(self, ids: Sequence[int]) -> None:
        covered = self.connection.execute("SELECT last_passage FROM vector_cache").fetchone()
        for one in ids:
            row = self.connection.execute(
                "SELECT passages.text, passages.context, files.shown, documents.member FROM passages"
                " JOIN documents ON documents.id = document_id JOIN files ON files.id = file_id WHERE passages.id = ?",
                [one],
            ).fetchone()
            self.connection.execute(
                "INSERT INTO words (words, rowid, text, context, name) VALUES ('delete', ?, ?, ?, ?)",
                [one, *words_of(*row)],
            )
            if covered and one <= covered[0]:
                self.connection.execute("INSERT OR IGNORE INTO tombstones VALUES (?)", [one])
            self.connection.execute("DELETE FROM passages WHERE id = ?", [one])

    def _insert(self, file: StoredFile, documents: Sequence[StoredDocument]) -> None:
        row = {name: getattr(file, name) for name in StoredFile.__slots__}
        file_id = self._add("files", row | {"notes": json.dumps(file.notes)})
        for ordinal, stored in enumerate(documents):
            document = stored.document
            document_id = self._add(
                "documents",
                {
                    "file_id": file_id,
                    "ordinal": ordinal,
                    "member": document.member,
                    "title": document.title,
                    "author": document.author,
                    "date": file.mtime_ns // _SECOND if document.date is None else document.date,
                },
            )
            self._insert_passages(document_id, file.shown, stored)

    def _insert_passages(self, document_id: int, shown: str, stored: StoredDocument) -> None:
        for ordinal, (passage, key) in enumerate(zip(stored.passages, stored.keys, strict=True)):
            vector = self.connection.execute("SELECT id FROM vectors WHERE key = ?", [key]).fetchone()
            row = {name: getattr(passage, name) for name in ("start", "end", "page", "heading", "context", "text")}
            passage_id = self._add(
                "passages", {"document_id": document_id, "ordinal": ordinal, **row}, vector_id=vector and vector[0]
            )
            self.connection.execute(
                "INSERT INTO words (rowid, text, context, name) VALUES (?, ?, ?, ?)",
                [passage_id, *words_of(passage.text, passage.context, shown, stored.document.member)],
            )

    def _add(self, table: str, row: Mapping[str, Value], **references: int) -> int:
        """Insert a row under its checksum; its id. `references`: columns that the checksum does not cover."""
        one: dict[str, Value] = {"id": self._next_id(table), **row}
        signed = one | references | {"checksum": checksum(table, (one[name] for name in COVERED[table]))}
        self.connection.execute(
            f"INSERT INTO {table} ({', '.join(signed)}) VALUES ({', '.join('?' * len(signed))})", list(signed.values())
        )
        return int(str(one["id"]))

    def _next_id(self, table: str) -> int:
        """An id that no row has; for a passage, none has ever had."""
        if table == "passages":
            row = self.connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
        else:
            row = self.connection.execute(f"SELECT max(id) FROM {table}").fetchone()
        return 1 + (row[0] or 0 if row else 0)

    # Words

    def _refresh_words(self) -> None:
        """Index every text again when another version of localsearch made the words."""
        if self.setting("words") == str(WORDS_VERSION):
            return
        with transaction(self.connection):
            self.connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
            rows = self.connection.execute(PASSAGE_WORDS)
            self.connection.executemany(
                "INSERT INTO words (rowid, text, context, name) VALUES (?, ?, ?, ?)",
                ((row[0], *words_of(*row[1:])) for row in rows),
            )
            self.put(words=WORDS_VERSION)
            self.next_generation()

    # Room, and the end of a run

    def make_room(self) -> bool:
        """Give back what is kept for deleting on a full disk; False when that was done before."""
        return reserve.release(self.folder)

    def checkpoint(self, *, patience: float = PATIENCE) -> bool:
        """Copy the log into the database and empty it; False when a reader needs the log longer than `patience`, s."""
        self.connection.execute(f"PRAGMA busy_timeout = {round(1000 * patience)}")
        try:
            busy, _, _ = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {round(1000 * PATIENCE)}")
        return not busy


def words_of(text: str, context: str, shown: str, member: str) -> tuple[str, str, str]:
    """What the keyword index holds of a passage. Removing needs exactly the values that inserting used."""
    names = " ".join(PurePosixPath(name).stem for name in (shown, member))
    return index_text(text), index_text(context), index_text(names.replace("_", " "))
