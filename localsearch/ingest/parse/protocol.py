"""What parent and worker say to each other: length-prefixed JSON, checked strictly by the parent.

A frame is 4 bytes big-endian length, then so many bytes of UTF-8 JSON. The parent's frame carries the open file
descriptor of the document beside it (SCM_RIGHTS). A worker may have been taken over by the document it read, so
nothing in its answer is believed: `decode` accepts exactly what `encode` can write and no more.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

from localsearch.records import Block, BlockKind, Document, Parsed

HEADER = struct.Struct(">I")

_MAX_PAGE = 10_000_000
_MAX_NAME = 1_000
"""Characters of a title, author, member, type or reason."""
_MAX_LINES = 10_000
"""Documents, notes or headings in one answer."""


class Nonsense(ValueError):
    """An answer that no honest worker gives."""


def encode(parsed: Parsed) -> bytes:
    """The answer as UTF-8 JSON, without its length prefix."""
    answer = {
        "documents": [_document_fields(document) for document in parsed.documents],
        "reason": parsed.reason,
        "type": parsed.type,
        "notes": list(parsed.notes),
        "transient": parsed.transient,
    }
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _document_fields(document: Document) -> dict[str, object]:
    """Heading paths repeat from block to block, so each is written once and referred to by its place."""
    paths: dict[tuple[str, ...], int] = {}
    blocks = [
        [
            block.kind.value,
            block.text,
            paths.setdefault(block.headings, len(paths)),
            block.page,
            len(block.header),
        ]
        for block in document.blocks
    ]
    return {
        "headings": [list(path) for path in paths],
        "blocks": blocks,
        "title": document.title,
        "author": document.author,
        "date": document.date,
        "member": document.member,
    }


def decode(answer: bytes) -> Parsed:
    """Rebuild what `encode` wrote. Raises Nonsense for anything else."""
    try:
        fields = json.loads(answer, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # bad JSON or UTF-8
        raise Nonsense(str(error)) from None
    fields = _mapping(fields, {"documents", "reason", "type", "notes", "transient"})
    documents = tuple(_document(one) for one in _list(fields["documents"], _MAX_LINES))
    parsed = Parsed(
        documents=documents,
        reason=_line(fields["reason"]),
        type=_line(fields["type"]),
        notes=tuple(_line(note) for note in _list(fields["notes"], _MAX_LINES)),
        transient=_truth(fields["transient"]),
    )
    if parsed.transient and parsed.documents:
        raise Nonsense("what was read is not to be read again")
    if bool(parsed.documents) == bool(parsed.reason):
        raise Nonsense("an answer has either documents or a reason")
    return parsed


def _document(fields: object) -> Document:
    names = {"headings", "blocks", "title", "author", "date", "member"}
    values = _mapping(fields, names)
    paths = [tuple(_line(heading) for heading in _list(path, _MAX_LINES)) for path in _list(values["headings"])]
    date = values["date"]
    return Document(
        blocks=tuple(_block(block, paths) for block in _list(values["blocks"])),
        title=_line(values["title"]),
        author=_line(values["author"]),
        date=None if date is None else _integer(date, -(2**40), 2**40),
        member=_line(values["member"]),
    )


def _block(fields: object, paths: list[tuple[str, ...]]) -> Block:
    values = _list(fields)
    if len(values) != 5:
        raise Nonsense("a block has five fields")
    kind, text, path, page, header_length = values
    if not isinstance(kind, str) or kind not in {member.value for member in BlockKind}:
        raise Nonsense("unknown kind of block")
    text = _text(text)
    header = text[: _integer(header_length, 0, len(text))]
    if header and header != text.partition("\n")[0]:
        raise Nonsense("a header is the first line of its table")
    return Block(
        kind=BlockKind(kind),
        text=text,
        headings=paths[_integer(path, 0, len(paths) - 1)],
        page=None if page is None else _integer(page, 1, _MAX_PAGE),
        header=header,
    )


def _mapping(value: object, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict) or set(value) != names:
        raise Nonsense(f"expected the fields {sorted(names)}")
    return value


def _list(value: object, longest: int | None = None) -> list[Any]:
    if not isinstance(value, list) or (longest is not None and len(value) > longest):
        raise Nonsense("expected a list of reasonable length")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Nonsense("expected text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Nonsense("lone surrogate") from None
    if "\0" in value or "\r" in value:
        raise Nonsense("control character in text")
    return value


def _line(value: object) -> str:
    text = _text(value)
    if len(text) > _MAX_NAME or "\n" in text:
        raise Nonsense("expected one line")
    return text


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise Nonsense("expected true or false")
    return value


def _integer(value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Nonsense(f"expected a number from {low} to {high}")
    return value


def _no_constant(name: str) -> float:
    """JSON has no NaN and no infinity; Python's reader would accept them."""
    raise Nonsense(f"{name} is not JSON")
