"""The FAISS file: is it the one that was written, and does it hold what the rows say?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from localsearch.records import Finding, Part
from localsearch.store import cache
from localsearch.store.sqlite import DATABASE, Connection

REPAIR = "localsearch doctor --repair"


def examine(connection: Connection, folder: Path, full: bool) -> Iterator[Finding]:
    row = connection.execute("SELECT file FROM vector_cache").fetchone()
    if row is None:
        return
    record = cache.read_record(connection) if _is_signed(connection) else None
    if record is None:
        if _is_signed(connection):
            yield _finding("its record is damaged", DATABASE)
        return
    index = cache.load(folder, record)
    if index is None:
        yield _finding("it is lost or not as it was written", record.file)
        return
    gone = {one for (one,) in connection.execute("SELECT passage_id FROM tombstones")}
    passages = {one for (one,) in connection.execute("SELECT id FROM passages WHERE id <= ?", [record.last_passage])}
    held = _ids(index)
    if gone & passages or len(gone) + len(passages) != record.passages or (held and held != gone | passages):
        yield _finding("it does not hold the passages that the database says", record.file)


def _is_signed(connection: Connection) -> bool:
    query = "SELECT 1 FROM pragma_table_info('vector_cache') WHERE name = 'row_checksum'"
    return connection.execute(query).fetchone() is not None


def _ids(index: Any) -> set[int]:
    """Ids of an exact index; none of an inverted file, which keeps them in its lists."""
    import faiss

    if not isinstance(index, faiss.IndexIDMap2):
        return set()
    return set(faiss.vector_to_array(index.id_map).tolist())


def _finding(what: str, file: str) -> Finding:
    works = "everything: the vectors are read from the database, which is slower"
    return Finding(Part.CACHE, f"the cache of vectors is damaged: {what}", file, works, REPAIR)
