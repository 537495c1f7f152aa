"""What passes between discovering, parsing and splitting: files, documents, passages.

files -> discover -> SourceFile -> parse -> Document -> split -> Passage -> encode, store
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One regular file that may be read, as the file system described it."""

    path: bytes
    """Absolute path as the operating system spells it (`os.fsencode`); never decoded for opening."""
    size: int
    """Bytes."""
    mtime_ns: int
    """Last modification, nanoseconds since the epoch."""


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """One stretch of a document that has one kind, one page and one place among the headings."""

    kind: BlockKind
    text: str
    """NFC, `\\n` line ends. A table has one row per line, cells joined by ` | `, its header row first."""
    headings: tuple[str, ...] = ()
    """Headings above this block, outermost first. A heading block lists its own text last."""
    page: int | None = None
    """Page, slide or sheet, 1-based; None where the format has none."""
    header: str = ""
    """Table only: its header line, equal to the first line of `text`; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a parser read. One file gives one document, a mailbox or an archive gives many."""

    blocks: tuple[Block, ...]
    title: str = ""
    """From the document itself (metadata, first heading, mail subject), never from the file name."""
    author: str = ""
    date: int | None = None
    """When the document was written or sent, seconds since the epoch, UTC; None when it does not say."""
    member: str = ""
    """Place inside the file: `minutes/may.docx` in an archive, `message 12` in a mailbox; else empty."""

    @property
    def text(self) -> str:
        """The whole text. Offsets of passages count its code points."""
        return "\n\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The outcome of parsing one file: documents, or the reason why there are none."""

    documents: tuple[Document, ...] = ()
    reason: str = ""
    """One line, lower case, no full stop: `no text layer (41 pages)`. Set exactly when there is no text."""
    type: str = ""
    """What the bytes are: `pdf`, `docx`, `txt` ... ; empty when nobody can tell."""
    notes: tuple[str, ...] = ()
    """Partial losses inside a file that did give text: `attachment plan.dwg: format not supported`."""
    transient: bool = False
    """True when there is no text through no fault of the document: time, memory or disk ran out on this machine, or the
    parser was ended from outside. `reason` says which; the same bytes may be read another time."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One searchable stretch of one document."""

    text: str
    """Equal to `document.text[start:end]`."""
    context: str
    """Title > headings, and a table's header row on a line of its own; encoded with the text, shown apart."""
    start: int
    """First character in the document's text. Code points, 0-based, inclusive."""
    end: int
    """One past the last character."""
    page: int | None = None
    """Page, slide or sheet, 1-based."""
    heading: str = ""
    """Headings above, outermost first, joined by ` > `."""

    @property
    def encoded_text(self) -> str:
        """What the encoder reads: the context on lines of its own, then the text."""
        return encoded_text(self.context, self.text)


def encoded_text(context: str, text: str) -> str:
    """See `Passage.encoded_text`."""
    return f"{context}\n{text}" if context else text
