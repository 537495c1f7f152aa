"""PowerPoint presentations of 1997 to 2003 (PPT): slide by slide, each with its notes.

Source: [MS-PPT]. The stream is a tree of records: header of 8 bytes (version and instance, type, length), then
either data or more records. The document record lists the slides in order; where each of them stands in the stream
is told by the persist directory, of which every saving appends a piece. Text hangs in the drawings of a slide; a
title or an outline may stand in the list instead.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from localsearch.ingest.parse import library, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.ole import Compound, DamagedCompound
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_HEADER = struct.Struct("<HHI")
_HOLDS_RECORDS = 0xF  # version of a record that is a container

# Record types, [MS-PPT] 2.13.24.
_SLIDE, _NOTES, _NOTES_ATOM, _PERSIST_ATOM = 1006, 1008, 1009, 1011
_TEXT_HEADER, _CHARACTERS, _BYTES, _LIST, _USER_EDIT, _PERSIST_DIRECTORY = 3999, 4000, 4008, 4080, 4085, 6002
_LIST_OF_SLIDES = 0  # instances of a list
_LIST_OF_NOTES = 2
_TITLES = (0, 6)  # kinds of text that are titles
_ENCRYPTED = 0xF3D1C4DF  # headerToken of the stream "Current User"
_DEEPEST = 40
_MOST_EDITS = 10_000


@dataclass(frozen=True, slots=True)
class Record:
    kind: int
    instance: int
    data: bytes
    holds_records: bool


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    is_title: bool


@dataclass(slots=True)
class Slide:
    """What the list of slides says of one."""

    place: int
    """Persist id."""
    number: int
    """Slide id, by which notes refer to it."""
    outline: list[Text] = field(default_factory=list)


def read(source: Source) -> Reading:
    """One document, a page for each slide. Raises Unreadable."""
    try:
        compound = Compound(source.data)
    except DamagedCompound as error:
        raise Unreadable(f"damaged: {error}") from None
    user = compound.stream("Current User")
    if len(user) >= 20 and struct.unpack_from("<I", user, 12)[0] == _ENCRYPTED:
        raise Unreadable("encrypted")
    stream = compound.stream("PowerPoint Document")
    builder = Builder()
    try:
        _add_in_order(builder, stream, struct.unpack_from("<I", user, 16)[0])
    except (struct.error, KeyError, IndexError):
        _add_as_found(builder, stream)
    if not builder.blocks():
        raise Unreadable("no text")
    return Reading((_document(source, builder),))


def _document(source: Source, builder: Builder) -> Document:
    """The properties of the file come from kreuzberg."""
    try:
        properties = library.plain(source.data, "application/vnd.ms-powerpoint").metadata
    except Unreadable:
        properties = {}
    facts = metadata.facts(properties, written="modified_at")
    title = facts.title or metadata.title(builder.first_heading())
    return Document(builder.blocks(), title, facts.author, facts.date)


def _add_in_order(builder: Builder, stream: bytes, edit: int) -> None:
    """Add the slides in the order of the newest saving. Raises struct.error, KeyError or IndexError when damaged."""
    places, document = _places(stream, edit)
    lists = [record for record in _records(_at(stream, places[document]).data) if record.kind == _LIST]
    slides = [slide for one in lists if one.instance == _LIST_OF_SLIDES for slide in _listed(one)]
    pages = [slide for one in lists if one.instance == _LIST_OF_NOTES for slide in _listed(one)]
    notes: dict[int, list[Text]] = {}
    for page in pages:
        record = _at(stream, places[page.place])
        notes.setdefault(_slide_of(record), []).extend(_texts(record))
    for number, slide in enumerate(slides, start=1):
        texts = [*slide.outline, *_texts(_at(stream, places[slide.place]))]
        _add_slide(builder, number, texts, notes.get(slide.number, []))


def _add_as_found(builder: Builder, stream: bytes) -> None:
    """Add the slides as they stand in a damaged stream."""
    slides = [record for record in _records(stream) if record.kind == _SLIDE]
    for number, slide in enumerate(slides, start=1):
        _add_slide(builder, number, list(_texts(slide)), [])


def _add_slide(builder: Builder, number: int, texts: list[Text], notes: list[Text]) -> None:
    builder.page = number
    builder.forget_headings()
    for text in sorted(dict.fromkeys(texts), key=lambda text: not text.is_title):
        if text.is_title:
            builder.heading(text.text, level=1)
        else:
            builder.paragraph(text.text)
    for text in notes:
        builder.paragraph(text.text)


def _places(stream: bytes, edit: int) -> tuple[dict[int, int], int]:
    """Where records stand, by persist id, newest first; and the id of the document."""
    places: dict[int, int] = {}
    document = 0
    for _ in range(_MOST_EDITS):
        record = _at(stream, edit)
        (previous, directory, reference) = struct.unpack_from("<III", record.data, 8)
        document = document or reference
        for key, place in _directory(_at(stream, directory).data):
            places.setdefault(key, place)
        if record.kind != _USER_EDIT or not previous or previous >= edit:
            break
        edit = previous
    return places, document


def _directory(data: bytes) -> Iterator[tuple[int, int]]:
    """Pieces of the directory: first id and count in one word, then so many offsets."""
    position = 0
    while position + 4 <= len(data):
        (head,) = struct.unpack_from("<I", data, position)
        first, count = head & 0xFFFFF, head >> 20
        for step, (offset,) in enumerate(struct.iter_unpack("<I", data[position + 4 :][: 4 * count])):
            yield first + step, offset
        position += 4 + 4 * count


def _listed(record: Record) -> Iterator[Slide]:
    """The slides of a list, each with the text that stands there."""
    slide, title = None, False
    for one in _records(record.data):
        if one.kind == _PERSIST_ATOM:
            if slide is not None:
                yield slide
            (place, number) = struct.unpack_from("<I8xI", one.data)
            slide = Slide(place, number)
        elif one.kind == _TEXT_HEADER:
            title = _is_title(one)
        elif slide is not None and (text := _text(one)):
            slide.outline.append(Text(text, title))
    if slide is not None:
        yield slide


def _slide_of(notes: Record) -> int:
    """The id of the slide that a notes page belongs to."""
    atom = next(record for record in [*_records(notes.data), notes] if record.kind in (_NOTES_ATOM, notes.kind))
    return int(struct.unpack_from("<I", atom.data)[0])


def _texts(record: Record, depth: int = 0) -> Iterator[Text]:
    """All text below a record, in order; placeholders of the master have none."""
    title = False
    for one in _records(record.data):
        if one.kind == _TEXT_HEADER:
            title = _is_title(one)
        elif text := _text(one):
            yield Text(text, title)
        elif one.holds_records and depth < _DEEPEST:
            yield from _texts(one, depth + 1)


def _is_title(record: Record) -> bool:
    return len(record.data) >= 4 and struct.unpack_from("<I", record.data)[0] in _TITLES


def _text(record: Record) -> str:
    if record.kind == _CHARACTERS:
        text = record.data.decode("utf-16-le", "replace")
    elif record.kind == _BYTES:
        text = record.data.decode("latin-1")
    else:
        return ""
    return text.replace("\r", "\n").replace("\x0b", "\n").strip("*\n ")


def _at(stream: bytes, offset: int) -> Record:
    """The record at an offset. Raises struct.error past the end."""
    head, kind, length = _HEADER.unpack_from(stream, offset)
    data = stream[offset + _HEADER.size : offset + _HEADER.size + length]
    return Record(kind, head >> 4, data, head & 0xF == _HOLDS_RECORDS)


def _records(data: bytes) -> Iterator[Record]:
    """The records that follow one another in `data`; a cut one ends them."""
    offset = 0
    while offset + _HEADER.size <= len(data):
        record = _at(data, offset)
        yield record
        offset += _HEADER.size + len(record.data)
