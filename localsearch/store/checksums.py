"""Checksums of rows: is this row the one that was written?

SQLite does not notice a flipped bit inside a value. Each row that is shown or ranked therefore carries BLAKE2b-64
over its other columns, ids and references included, so that a row is bound to its place: a passage to its document,
a document to its file, a vector to its key. A passage is bound to its vector by the content key (`keys`), so a change
of encoder leaves its checksum as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localsearch.store.sqlite import Connection

Value = None | int | float | str | bytes

COVERED: dict[str, tuple[str, ...]] = {
    "settings": ("key", "value"),
    "roots": ("id", "path", "options", "complete", "updated"),
    "files": (
        "id", "path", "shown", "type", "size", "mtime_ns", "content_hash", "parser", "reason", "notes", "pending",
    ),
    "documents": ("id", "file_id", "ordinal", "member", "title", "author", "date"),
    "passages": ("id", "document_id", "ordinal", "start", "end", "page", "heading", "context", "text"),
    "vectors": ("key", "value"),
    "vector_cache": ("id", "file", "checksum", "generation", "last_passage", "passages"),
}  # fmt: skip
"""Table -> the columns under its checksum, in the order in which they go into it."""


def column(table: str) -> str:
    """Name of the column that holds the row's checksum; in `vector_cache`, `checksum` is the SHA-256 of the file."""
    return "row_checksum" if table == "vector_cache" else "checksum"


def checksum(table: str, values: Iterable[Value]) -> bytes:
    """BLAKE2b-64 over the table's name and the values, each with its type and its length in 8 bytes before it."""
    digest = blake2b(table.encode(), digest_size=8)
    for value in values:
        kind, data = _encoded(value)
        digest.update(kind + len(data).to_bytes(8, "little") + data)
    return digest.digest()


def vector_checksum(key: bytes, value: bytes) -> bytes:
    """`checksum` of a row of `vectors`; a query makes hundreds, so it is written out."""
    sizes = len(key).to_bytes(8, "little"), len(value).to_bytes(8, "little")
    return blake2b(b"vectorsb" + sizes[0] + key + b"b" + sizes[1] + value, digest_size=8).digest()


def is_intact(table: str, row: Sequence[Value]) -> bool:
    """Whether a row, its covered columns and then its checksum, is as it was written."""
    if table == "vectors" and isinstance(row[0], bytes) and isinstance(row[1], bytes):
        return vector_checksum(row[0], row[1]) == row[2]
    return checksum(table, row[:-1]) == row[-1]


def are_intact(tables: Iterable[str], row: Sequence[Value]) -> bool:
    """The same for rows of several tables side by side."""
    start = 0
    for table in tables:
        end = start + len(COVERED[table]) + 1
        if not is_intact(table, row[start:end]):
            return False
        start = end
    return True


def covered(table: str) -> str:
    """The covered columns for a SELECT, each with its table's name before it."""
    return ", ".join(f"{table}.{name}" for name in COVERED[table])


def selected(table: str) -> str:
    """What `is_intact` needs, for a SELECT."""
    return f"{covered(table)}, {table}.{column(table)}"


def as_sql(table: str) -> str:
    """The expression that makes the checksum of a row, for a connection that knows `row_checksum`."""
    return f"row_checksum('{table}', {covered(table)})"


def register(connection: Connection) -> None:
    """Teach a connection the function `row_checksum(table, value, ...)`."""
    connection.create_function("row_checksum", -1, lambda table, *values: checksum(table, values), deterministic=True)


def _encoded(value: Value) -> tuple[bytes, bytes]:
    if value is None:
        return b"n", b""
    if isinstance(value, int):
        return b"i", str(value).encode()
    if isinstance(value, str):
        return b"t", value.encode("utf-8", "surrogateescape")
    if isinstance(value, float):  # no column of ours holds one: damage
        return b"f", str(value).encode()
    return b"b", value
