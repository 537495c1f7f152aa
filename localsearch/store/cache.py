"""The FAISS file: a copy of stored vectors in a form that can be searched fast. Never the truth.

It is written aside, synced, renamed and recorded with its checksum in one transaction; it is mapped into memory
only after the checksum was verified. Missing, stale or damaged, it is made again from the stored vectors.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.store.checksums import checksum, selected
from localsearch.store.checksums import is_intact as is_signed
from localsearch.store.folder import sync_file, sync_folder
from localsearch.store.sqlite import Connection, damaged, is_full, sqlite3, transaction

if TYPE_CHECKING:
    from localsearch.records import Float32Matrix, Int64Vector
    from localsearch.store.writer import Writer

NAME = re.compile(r"vectors-[0-9]{6,}\.faiss")
"""A FAISS file of ours; a record that names any other file is not believed."""
EXACT_UP_TO = 200_000
"""Passages; beyond, an inverted file answers in a hundredth of the time (docs/decisions/0001-store.md)."""
REBUILD_FRACTION = 0.1
REBUILD_PASSAGES = 20_000
"""A new file is made when more passages than this, or this share of all, are outside it."""
PROBES = 32
"""Lists of an inverted file searched for a query."""
_AT_ONCE = 1 << 20
"""Bytes of the file that FAISS hands over at once."""
CHUNK = 20_000
"""Vectors held as float32 at once while the file is made: 31 MB at 384 dimensions."""


@dataclass(frozen=True, slots=True)
class CacheRecord:
    """The row of `vector_cache`."""

    file: str
    checksum: bytes
    last_passage: int
    passages: int


def read_record(connection: Connection) -> CacheRecord | None:
    """What is recorded of the FAISS file; None when there is none, or the record is damaged or names another file."""
    row = connection.execute(f"SELECT {selected('vector_cache')} FROM vector_cache").fetchone()
    if row is None or not is_signed("vector_cache", row) or not NAME.fullmatch(row[1]):
        return None
    return CacheRecord(row[1], row[2], row[4], row[5])


def is_intact(folder: Path, record: CacheRecord) -> bool:
    """Whether the file is there and is the one that was written."""
    try:
        with open(folder / record.file, "rb", opener=_open_at_once) as file:
            return stat.S_ISREG(os.fstat(file.fileno()).st_mode) and (
                file_digest(file, "sha256").digest() == record.checksum
            )
    except OSError:
        return False


def _open_at_once(path: str, flags: int) -> int:
    """Follow no link, and wait for nobody at the other end of a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def load(folder: Path, record: CacheRecord) -> Any | None:
    """The FAISS index, memory-mapped; None when the file is missing or damaged."""
    if not is_intact(folder, record):
        return None
    import faiss

    try:
        index = faiss.read_index(str(folder / record.file), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError:  # a writer has just put a newer file in its place
        return None
    return index if index.ntotal == record.passages else None


def stored_vectors(connection: Connection, dim: int, *, after: int = 0) -> Iterator[tuple[Int64Vector, Float32Matrix]]:
    """Passage ids (n,) and vectors (n, dim) of passages with greater ids than `after`, in chunks, by id.

    A damaged vector comes as zeros, which are near nothing.
    """
    import numpy as np

    nothing = bytes(2 * dim)
    rows = connection.execute(
        "SELECT passages.id, vectors.value, vectors.key, vectors.checksum"
        " FROM passages JOIN vectors ON vectors.id = passages.vector_id"
        " WHERE passages.id > ? ORDER BY passages.id",
        [after],
    )
    while chunk := rows.fetchmany(CHUNK):
        ids = np.fromiter((row[0] for row in chunk), np.int64, len(chunk))
        values = (value if is_signed("vectors", (key, value, made)) else nothing for _, value, key, made in chunk)
        yield ids, np.frombuffer(b"".join(values), "<f2").reshape(-1, dim).astype(np.float32)


def is_due(writer: Writer) -> bool:
    """Whether there is no file, or so much is new or gone that a new one pays."""
    connection = writer.connection
    record = read_record(connection)
    total = int(connection.execute("SELECT count(*) FROM passages").fetchone()[0])
    if record is None or not (writer.folder / record.file).exists():
        return total > 0
    gone = int(connection.execute("SELECT count(*) FROM tombstones").fetchone()[0])
    outside = total - (record.passages - gone) + gone
    return outside > min(REBUILD_PASSAGES, max(total, 1) * REBUILD_FRACTION)


def rebuild(writer: Writer, dim: int, *, exact_up_to: int = EXACT_UP_TO) -> None:
    """Make the FAISS file anew from the stored vectors and record it. No passage is encoded."""
    old = read_record(writer.connection)
    record = _make(writer, dim, exact_up_to)
    with transaction(writer.connection):
        _put(writer, record)
    _drop(writer, old, record)


def rebuild_if_due(writer: Writer, dim: int) -> bool:
    """The same where it pays; False when the disk has no room for it. A search then reads the stored vectors."""
    if not is_due(writer):
        return True
    try:
        rebuild(writer, dim)
    except (OSError, sqlite3.OperationalError) as error:
        if not is_full(error):
            raise
        return False
    return True


def drop(writer: Writer) -> None:
    """Remove the FAISS file alone, for its room; whoever misses it reads the stored vectors."""
    if record := read_record(writer.connection):
        (writer.folder / record.file).unlink(missing_ok=True)


def disown(writer: Writer) -> None:
    """Trust no FAISS file any more; part of the transaction that is open. The next `sweep` removes it."""
    writer.connection.execute("DELETE FROM vector_cache")
    writer.connection.execute("DELETE FROM tombstones")


def switch(writer: Writer, change: Callable[[], None], dim: int) -> None:
    """Make `change` and the FAISS file of the vectors that it leaves, length `dim`, in one transaction."""
    old = read_record(writer.connection)
    with transaction(writer.connection):
        change()
        record = _make(writer, dim, EXACT_UP_TO)
        _put(writer, record)
    _drop(writer, old, record)


def _make(writer: Writer, dim: int, exact_up_to: int) -> CacheRecord:
    """Write the FAISS file of all passages as this connection sees them. Nobody uses it before it is recorded."""
    import faiss

    faiss.omp_set_num_threads(len(os.sched_getaffinity(0)))
    connection = writer.connection
    total = int(connection.execute("SELECT count(*) FROM passages").fetchone()[0])
    last = int(connection.execute("SELECT coalesce(max(id), 0) FROM passages").fetchone()[0])
    index = _empty_index(connection, dim, total, exact=total <= exact_up_to)
    for ids, matrix in stored_vectors(connection, dim):
        if not matrix.any(axis=1).all():
            raise damaged(writer.folder, "a vector is not as it was written")
        index.add_with_ids(matrix, ids)
    number = int(connection.execute("SELECT value FROM settings WHERE key = 'generation'").fetchone()[0]) + 1
    name = f"vectors-{number:06d}.faiss"
    checksum = _write_aside(writer.folder, name, lambda path: _write(index, path))
    return CacheRecord(name, checksum, last, total)


def _put(writer: Writer, record: CacheRecord) -> None:
    """Record the file; part of the transaction that is open."""
    row = (1, record.file, record.checksum, writer.next_generation(), record.last_passage, record.passages)
    writer.connection.execute("DELETE FROM tombstones")
    writer.connection.execute(
        "INSERT OR REPLACE INTO vector_cache (id, file, checksum, generation, last_passage, passages, row_checksum)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [*row, checksum("vector_cache", row)],
    )


def _drop(writer: Writer, old: CacheRecord | None, record: CacheRecord) -> None:
    if old is not None and old.file != record.file:
        (writer.folder / old.file).unlink(missing_ok=True)


def _empty_index(connection: Connection, dim: int, total: int, *, exact: bool) -> Any:
    import faiss

    if exact:
        flat = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        return faiss.IndexIDMap2(flat)
    lists = round(4 * total**0.5)
    coarse = faiss.IndexFlatIP(dim)
    index = faiss.IndexIVFScalarQuantizer(coarse, dim, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    index.nprobe = PROBES
    index.train(_sample(connection, dim, total, 64 * lists))
    return index


def _sample(connection: Connection, dim: int, total: int, wanted: int) -> Float32Matrix:
    """About `wanted` vectors spread evenly over all, for the clustering."""
    import numpy as np

    step = max(1, total // wanted)
    return np.concatenate([matrix[::step] for _, matrix in stored_vectors(connection, dim)])


def _write(index: Any, path: Path) -> None:
    """Write the file through Python: FAISS itself does not say when the system refuses its last bytes."""
    from faiss import PyCallbackIOWriter, write_index  # type: ignore[attr-defined]  # its types lack the first

    with path.open("wb") as file:
        write_index(index, PyCallbackIOWriter(file.write, _AT_ONCE))


def _write_aside(folder: Path, name: str, write: Any) -> bytes:
    """Write, sync and rename a file; its SHA-256. A failed write or sync leaves nothing behind."""
    draft = folder / f"{name}.new"
    draft.unlink(missing_ok=True)
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        write(draft)
        sync_file(draft)
        with draft.open("rb") as file:
            checksum = file_digest(file, "sha256").digest()
        draft.rename(folder / name)
        sync_folder(folder)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return checksum
