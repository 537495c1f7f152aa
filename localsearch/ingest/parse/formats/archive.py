"""Archives: ZIP, TAR, 7z, and single files behind gzip, bzip2 or xz. Members are unpacked into memory one by one."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Protocol

from localsearch.ingest.parse import encoding, library, members, refusals
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.limits import MIB
from localsearch.ingest.parse.members import Member
from localsearch.ingest.parse.parts import Parts
from localsearch.ingest.parse.source import Reader, Reading, Source, Unreadable
from localsearch.records import Document

_ALWAYS_ALLOWED = 16 * MIB
"""Bytes that a member may unpack to whatever its ratio."""
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
_ENCRYPTED = 0x1  # bits of a ZIP entry's flags
_UTF8_NAME = 0x800


class Stream(Protocol):
    """What unpacked bytes are read from."""

    def read(self, size: int, /) -> bytes: ...


def read_zip(source: Source) -> Reading:
    """The members of a ZIP archive; of one that is cut off, those that are whole. Raises Unreadable."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(source.data))
    except (*_DAMAGE, NotImplementedError):
        return _read_cut_zip(source)
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if entries and all(entry.flag_bits & _ENCRYPTED for entry in entries):
            raise Unreadable("encrypted")
        return members.read_all(source, _zip_members(source, archive, entries))


def _read_cut_zip(source: Source) -> Reading:
    parts = Parts(source.data, source.limits)
    if not parts.names:
        raise Unreadable("damaged: not a ZIP archive")
    reading = members.read_all(source, ((name, partial(_unpack_part, source, parts, name)) for name in parts.names))
    return Reading(reading.documents, ("damaged: the list of members is missing", *reading.notes))


def _unpack_part(source: Source, parts: Parts, name: str) -> bytes:
    if reason := refusals.by_name(name):
        raise Unreadable(reason)
    data = parts.read(name)
    source.budget.bytes -= len(data)
    return data


def _zip_members(source: Source, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[Member]:
    for entry in entries:
        name = _zip_name(entry)
        if not _is_litter(name):
            yield name, partial(_unpack_zip, source, archive, entry)


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 flag are in the code page of whoever packed them; zipfile takes them for cp437."""
    if entry.flag_bits & _UTF8_NAME or entry.filename.isascii():
        return entry.filename
    try:
        return encoding.decode(entry.filename.encode("cp437"))
    except UnicodeEncodeError:
        return entry.filename


def _unpack_zip(source: Source, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if reason := refusals.by_name(entry.filename):
        raise Unreadable(reason)
    if entry.flag_bits & _ENCRYPTED:
        raise Unreadable("encrypted")
    try:
        with archive.open(entry) as stream:
            return _unpack(source, stream, entry.compress_size)
    except (*_DAMAGE, NotImplementedError, RuntimeError) as error:
        raise Unreadable(f"damaged: {error}") from None


def read_tar(source: Source) -> Reading:
    """The regular files of an uncompressed TAR archive; links and devices are left alone. Raises Unreadable."""
    try:
        with tarfile.open(fileobj=io.BytesIO(source.data), mode="r:") as archive:
            return members.read_all(source, _tar_members(source, archive))
    except _DAMAGE as error:
        raise Unreadable(f"damaged: {error}") from None


def _tar_members(source: Source, archive: tarfile.TarFile) -> Iterator[Member]:
    try:
        for entry in archive:
            if entry.isfile() and not _is_litter(entry.name):
                yield entry.name, partial(_unpack_tar, source, archive, entry)
    except _DAMAGE:
        return  # cut off: what came before it stays


def _unpack_tar(source: Source, archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    if reason := refusals.by_name(entry.name):
        raise Unreadable(reason)
    try:
        stream = archive.extractfile(entry)
        return b"" if stream is None else _unpack(source, stream, entry.size)
    except _DAMAGE as error:
        raise Unreadable(f"damaged: {error}") from None


def compressed(kind: str) -> Reader:
    """A reader of one file behind `gz`, `bz2` or `xz`, which may be a TAR archive."""

    def read(source: Source) -> Reading:
        from localsearch.ingest.parse.table import read as read_any

        if source.depth >= source.limits.depth:
            raise Unreadable("nested too deeply")
        try:
            data = _unpack(source, _opened(kind, source.data), len(source.data))
        except _DAMAGE as error:
            raise Unreadable(f"damaged: {error}") from None
        name = _inner_name(source.name)
        parsed = read_any(Source(data, name, source.limits, source.budget, source.depth + 1))
        if parsed.reason:
            raise Unreadable(parsed.reason)
        return Reading(parsed.documents, parsed.notes)

    return read


def _opened(kind: str, data: bytes) -> Stream:
    if kind == "gz":
        return gzip.GzipFile(fileobj=io.BytesIO(data))
    if kind == "bz2":
        return bz2.BZ2File(io.BytesIO(data))
    return lzma.LZMAFile(io.BytesIO(data))


def _inner_name(name: str) -> str:
    path = PurePosixPath(name)
    return f"{path.stem}.tar" if path.suffix.lower() in (".tgz", ".tbz", ".tbz2", ".txz") else path.stem


def read_7z(source: Source) -> Reading:
    """The members of a 7z archive, as far as kreuzberg reads them: text without pages. Raises Unreadable."""
    result = library.plain(source.data, "application/x-7z-compressed")
    documents = []
    for child in result.children or ():
        builder = Builder()
        for paragraph in child["result"].content.split("\n\n"):
            builder.paragraph(paragraph)
        if builder.blocks():
            documents.append(Document(builder.blocks(), builder.first_heading(), member=child["path"]))
    if not documents:
        raise Unreadable("no member gives text")
    return Reading(tuple(documents[: source.limits.members]))


def _unpack(source: Source, stream: Stream, packed: int) -> bytes:
    """All of a stream, if it is not suspiciously much. Raises Unreadable."""
    allowed = max(_ALWAYS_ALLOWED, packed * source.limits.ratio)
    most = min(allowed, source.budget.bytes)
    data = stream.read(most + 1)
    source.budget.bytes -= len(data)
    if len(data) <= most:
        return data
    if most < allowed:
        raise Unreadable(f"unpacks to more than {source.limits.file_bytes >> 20} MiB")
    raise Unreadable(f"unpacks to more than {source.limits.ratio} times its size")


def _is_litter(name: str) -> bool:
    """Files that operating systems leave in archives."""
    path = PurePosixPath(name.replace("\\", "/"))
    return "__MACOSX" in path.parts or path.name in (".DS_Store", "Thumbs.db", "desktop.ini")
