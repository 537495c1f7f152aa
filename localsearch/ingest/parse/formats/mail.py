"""Mails: EML, saved web pages (MHTML) and mailboxes. The headers become a paragraph, attachments become documents."""

from __future__ import annotations

import email
import email.errors
import itertools
import re
from collections import Counter
from dataclasses import dataclass, replace
from email import policy
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import partial

from localsearch.ingest.parse import clean, encoding, members, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import markup, web
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Block, Document

_SHOWN = (("From", "from"), ("To", "to"), ("Cc", "cc"), ("Date", "date"))
_BODIES = frozenset(("text/plain", "text/html", "text/enriched", "text/x-markdown", "text/markdown"))
_MOST_PARTS = 200
_MOST_FORWARDED = 100
"""Mails in mails, one inside the other, that are taken apart before the limit of depth is applied."""
_FORWARDED = re.compile(rb"message/rfc822", re.IGNORECASE)
_LONGEST_HEADER = 2000
_MAILBOX_MESSAGE = re.compile(rb"(?:\A|\n)\r?\n?From [^\r\n]*\r?\n(?=[\x21-\x39\x3b-\x7e]+:)")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_PARAGRAPHS = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a mail's tree."""

    kind: str
    """Media type, lower case."""
    name: str
    """File name; empty for a body."""
    data: bytes
    charset: str
    inline: bool
    """Shown inside the text, like a logo."""


def read(source: Source) -> Reading:
    """One mail: itself, then what is attached. Raises Unreadable."""
    try:
        return _read(source)
    except RecursionError:  # mails in mails, deeper than Python's stack
        return _read_outermost(source)


def _read_outermost(source: Source) -> Reading:
    """What of a mail stands before the innermost of its mails. Raises Unreadable."""
    forwarded = itertools.islice(_FORWARDED.finditer(source.data), _MOST_FORWARDED, None)
    inner = next(forwarded, None)
    if inner is None:
        raise Unreadable("damaged: nested too deeply")
    reading = _read(replace(source, data=source.data[: inner.start()]))
    return replace(reading, notes=("nested too deeply: its inner mails were left out", *reading.notes))


def _read(source: Source) -> Reading:
    message = email.message_from_bytes(source.data, policy=policy.compat32)
    parts, whole = _parts(message)
    bodies = [part for part in parts if not part.name and part.kind in _BODIES]
    document = _document(message, bodies)
    attached = [part for part in parts if part not in bodies and not _is_decoration(part)]
    names = _unique([part.name or _unnamed(part) for part in attached])
    readings = [
        members.read_one(source, name, partial(bytes, part.data)) for name, part in zip(names, attached, strict=True)
    ]
    documents = [document] if document.blocks else []
    documents += [one for reading in readings for one in reading.documents]
    if not documents:
        raise Unreadable("no text")
    notes = [note for reading in readings for note in reading.notes]
    if not whole:
        notes.insert(0, f"more than {_MOST_PARTS} parts: the rest was left out")
    return Reading(tuple(documents), members.shorten(notes))


def read_mailbox(source: Source) -> Reading:
    """All messages of a mailbox. Raises Unreadable."""
    starts = [match.start() for match in _MAILBOX_MESSAGE.finditer(source.data)]
    if not starts:
        return read(source)
    ends = [*starts[1:], len(source.data)]
    messages = (
        (f"message {number}.eml", partial(_unpacked, source.data, start, end))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    )
    reading = members.read_all(source, messages)
    return Reading(tuple(_renamed(one) for one in reading.documents), reading.notes)


def _renamed(document: Document) -> Document:
    """`message 3.eml/plan.docx` is shown as `message 3/plan.docx`."""
    return replace(document, member=document.member.replace(".eml", "", 1))


def _unpacked(mailbox: bytes, start: int, end: int) -> bytes:
    """One message, without the separator line above it and the quotes before `From`."""
    message = mailbox[start:end].lstrip(b"\r\n").partition(b"\n")[2]
    return _QUOTED_FROM.sub(rb"\1", message)


def _document(message: Message, bodies: list[Part]) -> Document:
    builder = Builder()
    subject = clean.one_line(header(message, "subject"))
    builder.heading(subject, level=1)
    lines = [f"{name}: {text}" for name, key in _SHOWN if (text := header(message, key))]
    builder.paragraph("\n".join(lines))
    blocks = list(builder.blocks())
    body, title = _body(bodies, (subject,) if subject else ())
    if not body and not subject:
        return Document(())
    sender = metadata.author(header(message, "from"))
    return Document((*blocks, *body), subject or title, sender, _date(message))


def _body(bodies: list[Part], headings: tuple[str, ...]) -> tuple[tuple[Block, ...], str]:
    """The text of a mail, under its subject, and the title of its HTML.

    A mail says the same in plain text and in HTML; plain text is taken unless it says much less.
    """
    plain = "\n\n".join(encoding.decode(part.data, part.charset) for part in bodies if part.kind != "text/html")
    pages = [markup.read(web.decode(part.data, part.charset)) for part in bodies if part.kind == "text/html"]
    rich = tuple(_under(headings, block) for page in pages for block in page.blocks)
    title = next((page.title for page in pages if page.title), "")
    if sum(len(block.text) for block in rich) > 2 * len(" ".join(plain.split())):
        return rich, title
    builder = Builder()
    for paragraph in _PARAGRAPHS.split(clean.lines(plain)):
        builder.paragraph(paragraph)
    return tuple(_under(headings, block) for block in builder.blocks()), title


def _under(headings: tuple[str, ...], block: Block) -> Block:
    return replace(block, headings=headings + block.headings)


def header(message: Message, name: str) -> str:
    """One header as text, with its encoded words decoded; empty when it is missing."""
    # `get` would replace bytes that are not ASCII, `raw_items` keeps them as lone surrogates.
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name), "")
    return clean.one_line(_decoded(raw[: 10 * _LONGEST_HEADER]), _LONGEST_HEADER)


def _decoded(raw: str) -> str:
    """Encoded words (RFC 2047), and bytes that somebody sent without encoding them."""
    try:
        pieces = decode_header(raw)
    except (ValueError, email.errors.HeaderParseError):
        pieces = [(raw, None)]
    texts = []
    for piece, charset in pieces:
        data = piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape")
        texts.append(encoding.decode(data, "" if charset in (None, "unknown-8bit") else charset))
    return "".join(texts)


def _date(message: Message) -> int | None:
    try:
        return metadata.seconds(parsedate_to_datetime(str(message.get("date"))))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _parts(message: Message) -> tuple[list[Part], bool]:
    """The leaves of a mail, and forwarded mails as whole files; False when there are more of them."""
    found: list[Part] = []
    waiting = [message]
    for _ in range(_MOST_PARTS):
        if not waiting:
            break
        part = waiting.pop(0)
        kind = part.get_content_type()
        payload = part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list) and payload:
            found.append(Part(kind, _name(part) or "message.eml", _bytes_of(payload[0]), "", inline=False))
        elif isinstance(payload, list):
            waiting = [one for one in payload if isinstance(one, Message)] + waiting
        else:
            found.append(_leaf(part, kind))
    return found, not waiting


def _bytes_of(message: Message | str) -> bytes:
    """A forwarded mail as a file of its own."""
    return message.encode("utf-8", "surrogateescape") if isinstance(message, str) else message.as_bytes()


def _leaf(part: Message, kind: str) -> Part:
    data = part.get_payload(decode=True)
    disposition = str(part.get("content-disposition") or "").lower()
    name = _name(part)
    if kind in _BODIES and disposition.startswith("inline"):
        name = ""
    return Part(
        kind=kind,
        name=name or ("attachment" if disposition.startswith("attachment") else ""),
        data=data if isinstance(data, bytes) else b"",
        charset=str(part.get_content_charset() or ""),
        inline=not disposition.startswith("attachment") and ("content-id" in part or "content-location" in part),
    )


def _name(part: Message) -> str:
    """The file name of a part, decoded."""
    try:
        return clean.one_line(_decoded(str(part.get_filename() or "")))
    except (ValueError, LookupError):
        return ""


def _is_decoration(part: Part) -> bool:
    """Whether a part only serves the looks of the text: its pictures and style sheets."""
    picture = part.kind.startswith(("image/", "font/")) or part.kind in ("text/css", "text/javascript")
    return ((part.inline or not part.name) and (picture or not part.data)) or part.kind == "application/pgp-signature"


def _unique(names: list[str]) -> list[str]:
    """Names that occur again get a number: `message (2).eml`."""
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        stem, dot, extension = name.rpartition(".")
        numbered = f"{stem} ({seen[name]}){dot}{extension}" if dot else f"{name} ({seen[name]})"
        unique.append(numbered if seen[name] > 1 else name)
    return unique


def _unnamed(part: Part) -> str:
    return f"attachment.{part.kind.rpartition('/')[2]}"
