"""Documents inside documents: members of archives, messages of mailboxes, attachments of mails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from localsearch.ingest.parse import clean
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

Member: TypeAlias = tuple[str, Callable[[], bytes]]
"""Name, and a function that unpacks it and may raise Unreadable."""

_MOST_NOTES = 100


def read_all(source: Source, members: Iterable[Member]) -> Reading:
    """Read the members of `source`; those that cannot be read become notes.

    Raises Unreadable when none gives text.
    """
    documents: list[Document] = []
    notes: list[str] = []
    for name, unpack in members:
        if source.budget.members <= 0:
            notes.append(f"only the first {source.limits.members} members were read")
            break
        if source.budget.bytes <= 0:
            notes.append(f"unpacks to more than {source.limits.file_bytes >> 20} MiB: the rest was left out")
            break
        if time.process_time() >= source.budget.until:
            notes.append(f"takes longer than {source.limits.cpu_seconds} s of processor time: the rest was left out")
            break
        source.budget.members -= 1
        reading = read_one(source, name, unpack)
        documents += reading.documents
        notes += reading.notes
    if not documents:
        raise Unreadable(_nothing(notes))
    return Reading(tuple(documents), shorten(notes))


def read_one(source: Source, name: str, unpack: Callable[[], bytes]) -> Reading:
    """Read one member; its documents carry its name, and a reason becomes a note."""
    from localsearch.ingest.parse.table import read  # the table knows the archives, and they need the table

    name = clean.one_line(name) or "unnamed"
    if source.depth >= source.limits.depth:
        return Reading((), (f"{name}: nested too deeply",))
    try:
        inner = Source(unpack(), name, source.limits, source.budget, source.depth + 1)
    except Unreadable as error:
        return Reading((), (clean.one_line(f"{name}: {error}"),))
    parsed = read(inner)
    if parsed.reason:
        return Reading((), (clean.one_line(f"{name}: {parsed.reason}"),))
    documents = tuple(inside(name, document) for document in parsed.documents)
    return Reading(documents, tuple(clean.one_line(f"{name}: {note}") for note in parsed.notes))


def inside(name: str, document: Document) -> Document:
    """The same document, placed inside the member `name`: `may.zip/minutes.docx`."""
    place = clean.one_line(f"{name}/{document.member}" if document.member else name)
    return replace(document, member=place)


def shorten(notes: Iterable[str]) -> tuple[str, ...]:
    """At most a hundred notes, and how many more there are."""
    known = list(notes)
    if len(known) <= _MOST_NOTES:
        return tuple(known)
    return (*known[:_MOST_NOTES], f"{len(known) - _MOST_NOTES} more members gave no text")


def _nothing(notes: list[str]) -> str:
    if not notes:
        return "empty archive"
    if len(notes) == 1:
        return notes[0]
    return f"none of {len(notes)} members gives text ({notes[0]})"
