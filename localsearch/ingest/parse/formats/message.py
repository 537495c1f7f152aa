"""Outlook messages (MSG): the message by kreuzberg, its attachments by their streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from localsearch.ingest.parse import clean, encoding, library, members, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.ole import Compound, DamagedCompound, Entry
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

MIME = "application/vnd.ms-outlook"

# [MS-OXMSG]: a property is a stream named by its tag and type; 001F is UTF-16, 001E the code page, 0102 bytes.
_PROPERTY = "__substg1.0_"
_ATTACHMENT = "__attach_version1.0_"
_SUBJECT, _BODY, _SENDER, _RECIPIENTS = "0037", "1000", "0c1a", "0e04"
_LONG_NAME, _SHORT_NAME = "3707", "3704"
_DATA, _EMBEDDED = "37010102", "3701000d"

_EXCHANGE_ADDRESS = re.compile(r"\s*</?o=[^>]*>", re.IGNORECASE)
_HEADERS = re.compile(r"\A(?:(?:Subject|From|To|Cc|Bcc|Date): .*\n)+\n")
_PARAGRAPHS = re.compile(r"\n\s*\n")


def read(source: Source) -> Reading:
    """The message, then what is attached to it. Raises Unreadable."""
    try:
        compound = Compound(source.data)
    except DamagedCompound as error:
        raise Unreadable(f"damaged: {error}") from None
    result = library.plain(source.data, MIME)
    facts = result.metadata
    documents = [
        _document(
            subject=str(facts.get("subject") or ""),
            sender=str(facts.get("from_name") or facts.get("from_email") or ""),
            recipients=", ".join(str(one) for one in facts.get("to_emails") or ()),
            body=_HEADERS.sub("", result.content.replace("\r\n", "\n")),
            date=metadata.date(str(facts.get("created_at") or "")),
        )
    ]
    readings = list(_attachments(source, compound, compound.root))
    documents += [one for reading in readings for one in reading.documents]
    documents = [document for document in documents if document.blocks]
    if not documents:
        raise Unreadable("no text")
    return Reading(tuple(documents), members.shorten(note for reading in readings for note in reading.notes))


def _document(*, subject: str, sender: str, recipients: str, body: str, date: int | None) -> Document:
    """One message: subject, headers, text."""
    builder = Builder()
    subject = clean.one_line(subject)
    builder.heading(subject, level=1)
    sender = _EXCHANGE_ADDRESS.sub("", sender).strip()
    shown = [("From", sender), ("To", _EXCHANGE_ADDRESS.sub("", recipients).strip()), ("Date", _day(date))]
    builder.paragraph("\n".join(f"{name}: {text}" for name, text in shown if text))
    for paragraph in _PARAGRAPHS.split(clean.lines(body)):
        builder.paragraph(paragraph)
    blocks = builder.blocks() if subject or body.strip() else ()
    return Document(blocks, subject, metadata.author(sender.replace('"', "")), date)


def _day(date: int | None) -> str:
    return "" if date is None else f"{datetime.fromtimestamp(date, UTC):%Y-%m-%d %H:%M}"


def _attachments(source: Source, compound: Compound, message: Entry) -> Iterator[Reading]:
    for key, attachment in message.children.items():
        if not key.startswith(_ATTACHMENT):
            continue
        name = _property(compound, attachment, _LONG_NAME) or _property(compound, attachment, _SHORT_NAME)
        data = attachment.children.get(_PROPERTY + _DATA)
        embedded = attachment.children.get(_PROPERTY + _EMBEDDED)
        if data is not None:
            yield members.read_one(source, name or "attachment", partial(compound.content, data))
        elif embedded is not None and _property(compound, embedded, _SUBJECT):
            yield Reading((_embedded(compound, embedded),))


def _embedded(compound: Compound, message: Entry) -> Document:
    """A message attached to a message: its plain text."""
    document = _document(
        subject=_property(compound, message, _SUBJECT),
        sender=_property(compound, message, _SENDER),
        recipients=_property(compound, message, _RECIPIENTS),
        body=_property(compound, message, _BODY),
        date=None,
    )
    return Document(document.blocks, document.title, document.author, None, f"{document.title}.msg")


def _property(compound: Compound, folder: Entry, tag: str) -> str:
    """A text property; empty when it is missing."""
    wide = folder.children.get(f"{_PROPERTY}{tag}001f")
    if wide is not None:
        return compound.content(wide).decode("utf-16-le", "replace")
    narrow = folder.children.get(f"{_PROPERTY}{tag}001e")
    return "" if narrow is None else encoding.decode(compound.content(narrow))
