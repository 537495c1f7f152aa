"""OLE2 compound files, the container of DOC, XLS, PPT, MSG and of encrypted OOXML: folders and streams in sectors.

Source: [MS-CFB] Compound File Binary File Format. Every chain of sectors is bounded by the file's size, so that a
file whose chains run in circles ends.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_HEADER_SIZE = 512
_LAST_REGULAR = 0xFFFFFFFA
_NO_STREAM = 0xFFFFFFFF
_STREAM = 2
_ENTRY = struct.Struct("<64sHBBIII16sIQQIQ")


class DamagedCompound(ValueError):
    """The container does not hold together."""


@dataclass(slots=True)
class Entry:
    """A folder ("storage") or a stream; the root is a folder."""

    name: str
    is_stream: bool
    start: int
    size: int
    """Bytes."""
    children: dict[str, Entry] = field(default_factory=dict)
    """By lower-case name."""


class Compound:
    """An opened compound file."""

    def __init__(self, data: bytes) -> None:
        """Read the directory. Raises DamagedCompound."""
        if len(data) < _HEADER_SIZE or not data.startswith(MAGIC):
            raise DamagedCompound("no compound file")
        self._data = data
        (sector_shift, mini_shift) = struct.unpack_from("<HH", data, 30)
        (directory_start, self._mini_limit) = struct.unpack_from("<I4xI", data, 48)
        (mini_table_start,) = struct.unpack_from("<I", data, 60)
        if sector_shift not in (9, 12) or mini_shift != 6:
            raise DamagedCompound("unknown sector size")
        self._sector = 1 << sector_shift
        self._mini_sector = 1 << mini_shift
        self._table = self._words(b"".join(self._sector_at(number) for number in self._table_sectors()))
        self._mini_table = self._words(self._chain(mini_table_start))
        entries = self._chain(directory_start)
        self.root = self._tree(entries)
        self._mini_stream = self._chain(self.root.start)

    def stream(self, *path: str) -> bytes:
        """The content of a stream, named from the root; empty when there is none."""
        entry = self.find(*path)
        return self.content(entry) if entry is not None and entry.is_stream else b""

    def find(self, *path: str) -> Entry | None:
        """The folder or stream of that name, whatever its case."""
        entry: Entry | None = self.root
        for name in path:
            entry = entry.children.get(name.lower()) if entry is not None else None
        return entry

    def content(self, entry: Entry) -> bytes:
        """The bytes of a stream."""
        if entry.size >= self._mini_limit:
            return self._chain(entry.start)[: entry.size]
        return self._mini_chain(entry.start)[: entry.size]

    def _table_sectors(self) -> Iterator[int]:
        """Numbers of the sectors that hold the allocation table: 109 in the header, more in a chain."""
        yield from self._regular(struct.unpack_from("<109I", self._data, 76))
        (number, count) = struct.unpack_from("<II", self._data, 68)
        for _ in range(min(count, len(self._data) // self._sector)):
            if number >= _LAST_REGULAR:
                return
            words = self._words(self._sector_at(number))
            yield from self._regular(words[:-1])
            number = words[-1] if words else _NO_STREAM

    @staticmethod
    def _regular(numbers: tuple[int, ...]) -> Iterator[int]:
        return (number for number in numbers if number < _LAST_REGULAR)

    def _sector_at(self, number: int) -> bytes:
        start = (number + 1) * self._sector
        return self._data[start : start + self._sector]

    @staticmethod
    def _words(data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])

    def _chain(self, number: int) -> bytes:
        """The sectors of a stream in order; a damaged chain ends early."""
        return b"".join(self._sector_at(one) for one in self._follow(number, self._table))

    def _mini_chain(self, number: int) -> bytes:
        size = self._mini_sector
        return b"".join(
            self._mini_stream[one * size : (one + 1) * size] for one in self._follow(number, self._mini_table)
        )

    @staticmethod
    def _follow(number: int, table: tuple[int, ...]) -> Iterator[int]:
        for _ in range(len(table)):
            if number >= len(table):
                return
            yield number
            number = table[number]

    def _tree(self, directory: bytes) -> Entry:
        """Entry 0 is the root; the children of a folder are a binary tree of entry numbers."""
        count = len(directory) // _ENTRY.size
        if not count:
            raise DamagedCompound("no directory")
        records = [_ENTRY.unpack_from(directory, place * _ENTRY.size) for place in range(count)]
        seen = {0}
        root, tree = _entry(records[0]), records[0][6]
        waiting = [(root, tree)]
        while waiting:
            folder, number = waiting.pop()
            if number >= count or number in seen:
                continue
            seen.add(number)
            record = records[number]
            entry = _entry(record)
            folder.children[entry.name.lower()] = entry
            waiting += [(folder, record[4]), (folder, record[5]), (entry, record[6])]
        return root


def _entry(record: tuple[bytes, int, int, int, int, int, int, bytes, int, int, int, int, int]) -> Entry:
    name, length, kind, _, _, _, _, _, _, _, _, start, size = record
    text = name[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return Entry(name=text, is_stream=kind == _STREAM, start=start, size=size & 0xFFFFFFFF)
