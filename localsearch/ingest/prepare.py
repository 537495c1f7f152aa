"""One file, from its bytes to passages with keys: everything before the encoder. Runs in several threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localsearch.errors import PathProblem
from localsearch.ingest.parse import refusals
from localsearch.ingest.source import Changed, OpenSource, open_source
from localsearch.ingest.split import split
from localsearch.paths import shown
from localsearch.records import Document, Parsed, SourceFile
from localsearch.store.catalogue import KnownFile
from localsearch.store.keys import content_key
from localsearch.store.writer import StoredDocument, StoredFile

if TYPE_CHECKING:
    from localsearch.ingest.parse.pool import ParserPool

CHANGED = "changed while it was read"

TokenOffsets = Callable[[str], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A file read and split, ready to be encoded and stored."""

    file: StoredFile
    documents: tuple[StoredDocument, ...]

    @property
    def passages(self) -> int:
        return sum(len(document.passages) for document in self.documents)


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a file could not be read now, through no fault of its own: what is known of it stays."""

    reason: str
    changed: bool = False
    """Somebody wrote to it meanwhile: another try may succeed at once."""


class Preparer:
    """Prepares files for one run. Thread-safe: it only reads what it was given."""

    def __init__(
        self,
        pool: ParserPool,
        known: Mapping[bytes, KnownFile],
        *,
        parser: str,
        fingerprint: str,
        passage_size: int,
        token_offsets: TokenOffsets,
    ) -> None:
        self._pool = pool
        self._known = known
        self._failures = {
            (file.content_hash, _suffix(path)): file
            for path, file in known.items()
            if file.reason and not file.pending and file.parser == parser
        }
        self._parser = parser
        self._fingerprint = fingerprint
        self._passage_size = passage_size
        self._token_offsets = token_offsets

    def prepare(self, source: SourceFile) -> PreparedFile | SourceFile | Unread:
        """A SourceFile comes back when its bytes are those already stored."""
        if refusal := refusals.by_name(shown(source.path)):
            return self._prepared(source, b"", Parsed(reason=refusal))
        try:
            with open_source(source) as opened:
                content_hash = opened.content_hash()
                known = self._known.get(source.path)
                if known and (known.content_hash, known.parser) == (content_hash, self._parser):
                    return source
                parsed = self._parse(opened, content_hash, shown(source.path))
                if opened.changed() and not opened.still_begins_with(content_hash):
                    return Unread(CHANGED, changed=True)
        except PathProblem as error:
            return Unread(error.message, changed=isinstance(error, Changed))
        if parsed.transient:
            return Unread(parsed.reason)
        return self._prepared(source, content_hash, parsed)

    def _prepared(self, source: SourceFile, content_hash: bytes, parsed: Parsed) -> PreparedFile:
        documents = tuple(
            split_document(document, self._token_offsets, self._passage_size, self._fingerprint)
            for document in parsed.documents
        )
        filled = tuple(document for document in documents if document.passages)
        file = StoredFile(
            path=source.path,
            shown=shown(source.path),
            type=parsed.type,
            size=source.size,
            mtime_ns=source.mtime_ns,
            content_hash=content_hash,
            parser=self._parser,
            reason="" if filled else parsed.reason or "no text",
            notes=parsed.notes,
        )
        return PreparedFile(file, filled)

    def _parse(self, opened: OpenSource, content_hash: bytes, name: str) -> Parsed:
        """Bytes that gave nothing once, under a name of the same ending, are not paid for again."""
        failed = self._failures.get((content_hash, _suffix(opened.file.path)))
        if failed:
            return Parsed(reason=failed.reason, type=failed.type)
        return self._pool.parse(opened.descriptor, name)


def _suffix(path: bytes) -> bytes:
    return os.path.splitext(path)[1].lower()


def split_document(
    document: Document, token_offsets: TokenOffsets, passage_size: int, fingerprint: str
) -> StoredDocument:
    """Passages of a document, each with its content key."""
    passages = tuple(split(document, token_offsets, size=passage_size))
    keys = tuple(content_key(fingerprint, passage.context, passage.text) for passage in passages)
    return StoredDocument(document, passages, keys)
