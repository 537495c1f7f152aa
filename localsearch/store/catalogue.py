"""What the index knows of files: read by an indexing run before it starts, and by `status`."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.records import Root, Skipped, Status
from localsearch.store import cache
from localsearch.store.cache import read_record
from localsearch.store.checksums import is_intact, selected
from localsearch.store.lock import holder
from localsearch.store.sqlite import damaged

if TYPE_CHECKING:
    from localsearch.store.sqlite import Connection

NEEDED = frozenset({"generation", "encoder", "encoder_folder", "fingerprint", "dim", "passage_size"})
"""Settings that every index has."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the last run stored of a file."""

    size: int
    mtime_ns: int
    content_hash: bytes
    parser: str
    type: str
    reason: str
    pending: str
    """Why it could not be read the last time; empty when it could."""

    @property
    def has_text(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class MadeWith:
    """The encoder that an index was made with, and how its passages are cut."""

    name: str
    folder: str
    """Empty: the one inside the package."""
    fingerprint: str
    dim: int
    passage_size: int
    """Word pieces."""


def made_with(connection: Connection) -> MadeWith:
    """Raises IndexDamaged."""
    found = read_settings(connection)
    return MadeWith(
        found["encoder"], found["encoder_folder"], found["fingerprint"], int(found["dim"]), int(found["passage_size"])
    )


def read_settings(connection: Connection) -> dict[str, str]:
    """All settings. Raises IndexDamaged when one is not as it was written, or lost."""
    found = {}
    for row in connection.execute(f"SELECT {selected('settings')} FROM settings"):
        if not is_intact("settings", row):
            raise damaged(folder_of(connection), f"its setting {row[0]!r} is not as it was written")
        found[row[0]] = row[1]
    if lost := NEEDED.difference(found):
        raise damaged(folder_of(connection), f"its setting {min(lost)!r} is lost")
    return found


def read_setting(connection: Connection, folder: Path, key: str) -> str:
    """One setting; empty when there is none. Raises IndexDamaged when it is not as it was written."""
    row = connection.execute(f"SELECT {selected('settings')} FROM settings WHERE key = ?", [key]).fetchone()
    if row is None:
        return ""
    if not is_intact("settings", row):
        raise damaged(folder, f"its setting {key!r} is not as it was written")
    return str(row[1])


def folder_of(connection: Connection) -> Path:
    """The index folder of an open database."""
    return Path(connection.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]).parent


def read_roots(connection: Connection) -> list[tuple[bytes, str]]:
    """Path and options of every root, by path. Raises IndexDamaged."""
    rows = connection.execute(f"SELECT {selected('roots')} FROM roots ORDER BY path").fetchall()
    if any(not is_intact("roots", row) for row in rows):
        raise damaged(folder_of(connection), "the row of an indexed folder is not as it was written")
    return [(row[1], row[2]) for row in rows]


def known_files(connection: Connection) -> dict[bytes, KnownFile]:
    rows = connection.execute("SELECT path, size, mtime_ns, content_hash, parser, type, reason, pending FROM files")
    return {row[0]: KnownFile(*row[1:]) for row in rows}


def is_below(path: bytes, folder: bytes) -> bool:
    """Whether `path` is `folder` or lies in it."""
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


def paths_below(connection: Connection, folder: bytes) -> list[bytes]:
    """Every known file that is `folder` or lies in it."""
    first = folder.rstrip(b"/") + b"/"
    after = folder.rstrip(b"/") + b"0"  # the byte after the slash ends the range
    rows = connection.execute(
        "SELECT path FROM files WHERE path = ? OR (path >= ? AND path < ?) ORDER BY path", [folder, first, after]
    )
    return [bytes(row[0]) for row in rows]


def passages_below(connection: Connection, folder: bytes, member: str = "") -> list[int]:
    """Ids of the passages of a file, or of all files in a folder, in order; `member` narrows them to one document."""
    first, after = folder.rstrip(b"/") + b"/", folder.rstrip(b"/") + b"0"
    rows = connection.execute(
        "SELECT passages.id FROM files JOIN documents ON documents.file_id = files.id"
        " JOIN passages ON passages.document_id = documents.id"
        " WHERE (files.path = ? OR (files.path >= ? AND files.path < ?)) AND (? = '' OR documents.member = ?)"
        " ORDER BY files.path, documents.ordinal, passages.ordinal",
        [folder, first, after, member, member],
    )
    return [row[0] for row in rows]


def passage_ids(connection: Connection) -> list[int]:
    """Ids of all passages, ascending."""
    return [row[0] for row in connection.execute("SELECT id FROM passages ORDER BY id")]


def skip_reason(connection: Connection, path: bytes) -> str:
    """Why a known file has no passages; empty when it has some, or is not known."""
    row = connection.execute("SELECT reason FROM files WHERE path = ?", [path]).fetchone()
    return str(row[0]) if row else ""


def changed_files(connection: Connection, paths: Iterable[bytes]) -> int:
    """How many of these known files have another size or time now than when they were read."""
    changed = 0
    for path in paths:
        row = connection.execute("SELECT size, mtime_ns FROM files WHERE path = ?", [path]).fetchone()
        with contextlib.suppress(OSError):  # gone meanwhile
            now = os.stat(path)
            changed += row is not None and row != (now.st_size, now.st_mtime_ns)
    return changed


def read_status(connection: Connection, folder: Path) -> Status:
    settings = read_settings(connection)
    record = read_record(connection)
    count = connection.execute
    return Status(
        folder=folder,
        format=int(count("PRAGMA user_version").fetchone()[0]),
        generation=int(settings["generation"]),
        encoder=settings["encoder"],
        fingerprint=settings["fingerprint"],
        dim=int(settings["dim"]),
        roots=tuple(_root(connection, path) for path, _ in read_roots(connection)),
        files=int(count("SELECT count(*) FROM files WHERE reason = ''").fetchone()[0]),
        documents=int(count("SELECT count(*) FROM documents").fetchone()[0]),
        passages=int(count("SELECT count(*) FROM passages").fetchone()[0]),
        bytes=sum(entry.stat().st_size for entry in folder.iterdir() if entry.is_file()),
        types=tuple(
            (str(kind), int(number))
            for kind, number in connection.execute(
                "SELECT type, count(*) FROM files WHERE reason = '' GROUP BY type ORDER BY count(*) DESC, type"
            )
        ),
        skipped=tuple(_skipped(connection)),
        cached=record.passages if record and cache.is_intact(folder, record) else 0,
        updated=int(settings["updated"]) or None,
        erasing="erasing" in settings,
        complete=settings["complete"] == "1",
        pending=int(count("SELECT count(*) FROM files WHERE pending != ''").fetchone()[0]),
        writer=holder(folder),
    )


def _root(connection: Connection, path: bytes) -> Root:
    complete, updated = connection.execute("SELECT complete, updated FROM roots WHERE path = ?", [path]).fetchone()
    first, after = path.rstrip(b"/") + b"/", path.rstrip(b"/") + b"0"
    files, passages = connection.execute(
        "SELECT count(DISTINCT files.id), count(passages.id) FROM files"
        " JOIN documents ON documents.file_id = files.id JOIN passages ON passages.document_id = documents.id"
        " WHERE files.path = ? OR (files.path >= ? AND files.path < ?)",
        [path, first, after],
    ).fetchone()
    shown = Path(path.decode("utf-8", "surrogateescape"))
    return Root(
        path=str(shown),
        files=files,
        passages=passages,
        complete=complete == 1,
        updated=updated or None,
        present=shown.exists(),
    )


def _skipped(connection: Connection) -> list[Skipped]:
    """By path: why a file has no passages or could not be read the last time, or what was lost inside it."""
    rows = connection.execute(
        f"SELECT shown, reason, notes, pending, {selected('files')} FROM files"
        " WHERE reason != '' OR notes != '[]' OR pending != '' ORDER BY shown"
    ).fetchall()
    if any(not is_intact("files", row[4:]) for row in rows):
        raise damaged(folder_of(connection), "the row of a file is not as it was written")
    return [
        one
        for shown, reason, notes, pending, *_ in rows
        for one in (
            [Skipped(shown, pending, transient=True)]
            if pending
            else [Skipped(shown, note) for note in ([reason] if reason else json.loads(notes))]
        )
    ]
