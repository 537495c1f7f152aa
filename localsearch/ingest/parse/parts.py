"""The parts of a packed document, read leniently: damaged checksums and cut archives still give what is there."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

from localsearch.ingest.parse.limits import MIB, Limits
from localsearch.ingest.parse.source import Unreadable

_LOCAL = b"PK\x03\x04"
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_DEFLATED = 8
_HAS_DESCRIPTOR = 0x8  # sizes follow the data instead of standing before it
_ALWAYS_ALLOWED = 16 * MIB
"""Bytes that a part may unpack to whatever its ratio."""


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of the archive."""

    name: str
    start: int
    """Where its data begin."""
    packed: int
    """Bytes; up to the end of the file where the archive does not tell."""
    deflated: bool


class Parts:
    """An opened package. Names are as they stand in the archive."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self._parts = {part.name: part for part in _listed(data) or _found(data)}

    @property
    def names(self) -> list[str]:
        return list(self._parts)

    def read(self, name: str) -> bytes:
        """The unpacked part, or as much of it as is there; empty when it is missing. Raises Unreadable for a bomb."""
        part = self._parts.get(name)
        if part is None:
            return b""
        most = max(_ALWAYS_ALLOWED, part.packed * self._limits.ratio)
        packed = self._data[part.start : part.start + part.packed]
        if not part.deflated:
            return packed
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            unpacked = unpacker.decompress(packed, most + 1)
        except zlib.error:
            return b""
        if len(unpacked) > most:
            raise Unreadable(f"unpacks to more than {self._limits.ratio} times its size")
        return unpacked


def _listed(data: bytes) -> list[Part]:
    """The parts that the archive's directory lists; empty when it is broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
        return [
            part for entry in entries if (part := _part(data, entry.header_offset, entry.compress_size)) is not None
        ]
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError):
        return []


def _found(data: bytes) -> list[Part]:
    """The parts that local headers announce, in an archive without a directory."""
    found = []
    offset = data.find(_LOCAL)
    while offset >= 0:
        part = _part(data, offset, None)
        if part is not None:
            found.append(part)
        offset = data.find(_LOCAL, part.start if part is not None else offset + 4)
    return found


def _part(data: bytes, offset: int, packed: int | None) -> Part | None:
    """The part whose local header stands at an offset; None when there is none."""
    if len(data) < offset + _LOCAL_HEADER.size:
        return None
    magic, _, flags, method, _, _, _, size, _, name_length, extra = _LOCAL_HEADER.unpack_from(data, offset)
    if magic != _LOCAL or method not in (0, _DEFLATED):
        return None
    name_start = offset + _LOCAL_HEADER.size
    start = name_start + name_length + extra
    if packed is None:
        packed = len(data) - start if flags & _HAS_DESCRIPTOR or not size else size
    name = data[name_start : name_start + name_length].decode("utf-8", "replace").replace("\\", "/")
    return Part(name.lstrip("/"), start, packed, method == _DEFLATED)
