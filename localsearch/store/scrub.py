"""Bytes of the database that no row uses, and making them zero.

`PRAGMA secure_delete` overwrites a row where it stands. But when SQLite splits or merges pages it copies rows and
leaves the old copies between the list of cells and the first cell; a row that is deleted later is overwritten in its
new place alone. Those bytes are made zero here, in the file itself. SQLite never reads them: whoever searches
meanwhile, and whenever the power fails, the database stays what it was. https://sqlite.org/fileformat2.html has the
layout.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path

_HEADERS = {2: 12, 5: 12, 10: 8, 13: 8}
"""Kinds of b-tree pages, by their first byte, and the lengths of their headers."""
_FILE_HEADER = 100
"""Bytes before the b-tree header of the first page."""
_MOST_PAGES = 2 << 24
"""The first byte of an overflow page is that of a page number: below this many, no kind of b-tree page."""
_PAGES_AT_ONCE = 256

Span = tuple[int, int]
"""First byte in a page and one past the last."""


def scrub(database: Path) -> int:
    """Make every unused byte of the database zero and sync it; how many places were not zero.

    For the holder of the writer's lock whose connection is open and outside a transaction, after the write-ahead log
    was emptied: then the file alone is the database. The connection must be opened again before it writes: pages that
    it keeps in memory still hold the old bytes. Raises OSError.
    """
    file = _descriptor_of_sqlite(database)
    header = os.pread(file, _FILE_HEADER, 0)
    size = int.from_bytes(header[16:18], "big")
    size = 1 << 16 if size == 1 else size
    pages = os.fstat(file).st_size // size
    if pages >= _MOST_PAGES:
        raise OSError(errno.EFBIG, f"the database has more than {_MOST_PAGES:,} pages")
    free = _free_pages(file, size, int.from_bytes(header[32:36], "big"))
    found = 0
    for number, content in _read_pages(file, size, pages):
        spans = [free[number]] if number in free else _unused(content, _FILE_HEADER if number == 1 else 0)
        for first, last in spans:
            if content[first:last].strip(b"\0"):
                os.pwrite(file, bytes(last - first), (number - 1) * size + first)
                found += 1
    os.fsync(file)
    return found


def _descriptor_of_sqlite(database: Path) -> int:
    """The descriptor that SQLite itself writes this database with.

    Closing another one would drop the locks that SQLite holds on the file in this process, see fcntl(2).
    """
    wanted = os.stat(database)
    for name in os.listdir("/proc/self/fd"):
        try:
            found, flags = os.fstat(int(name)), fcntl.fcntl(int(name), fcntl.F_GETFL)
        except OSError:  # closed by another thread since it was listed
            continue
        if os.path.samestat(wanted, found) and flags & os.O_ACCMODE == os.O_RDWR:
            return int(name)
    raise OSError(errno.EBADF, "the database is not open for writing")


def _read_pages(file: int, size: int, pages: int) -> Iterator[tuple[int, bytes]]:
    """All pages by number, from 1."""
    for start in range(0, pages, _PAGES_AT_ONCE):
        content = os.pread(file, _PAGES_AT_ONCE * size, start * size)
        for place in range(len(content) // size):
            yield start + place + 1, content[place * size : (place + 1) * size]


def _free_pages(file: int, size: int, trunk: int) -> dict[int, Span]:
    """The pages of the free list that begins at `trunk`, and what of each holds nothing."""
    spans: dict[int, Span] = {}
    while trunk and trunk not in spans:
        content = os.pread(file, size, (trunk - 1) * size)
        following, count = struct.unpack_from(">II", content)
        count = min(count, size // 4 - 2)
        spans[trunk] = (8 + 4 * count, size)
        spans |= dict.fromkeys(struct.unpack_from(f">{count}I", content, 8), (0, size))
        trunk = following
    return spans


def _unused(page: bytes, start: int) -> Iterator[Span]:
    """What no cell uses in a b-tree page whose header begins at `start`; nothing of any other page."""
    length = _HEADERS.get(page[start])
    if length is None:
        return
    block, cells, content = struct.unpack_from(">HHH", page, start + 1)
    listed = start + length + 2 * cells
    content = content or 1 << 16
    if listed <= content <= len(page):
        yield listed, content
    while 0 < block <= len(page) - 4:
        following, size = struct.unpack_from(">HH", page, block)
        yield block + 4, min(block + size, len(page))
        if following <= block:  # blocks stand in order; anything else is damage
            return
        block = following
