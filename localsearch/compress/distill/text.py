"""The user's text: documents through the parsers of an indexing run, or plain text as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from localsearch.errors import PathProblem
from localsearch.ingest.discover import discover
from localsearch.ingest.parse.pool import ParserPool
from localsearch.ingest.scope import Scope
from localsearch.ingest.source import open_source
from localsearch.ingest.split import split
from localsearch.ingest.units import TokenOffsets
from localsearch.paths import absolute, shown
from localsearch.records import Parsed, Skipped, SourceFile
from localsearch.settings import load

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PASSAGE_SIZE = 200
"""Word pieces of a passage, as an index has them by default."""

Warn = Callable[[str], None]


def read_sources(texts: Sequence[Path], tokenizer: Tokenizer, warn: Warn) -> dict[str, Iterator[str]]:
    """The texts of each source by its name; `tokenizer` says how long a passage is."""

    def token_offsets(text: str) -> list[tuple[int, int]]:
        offsets: list[tuple[int, int]] = tokenizer.encode(text, add_special_tokens=False).offsets
        return offsets

    return {name: read_texts(path, token_offsets, warn) for name, path in names_of(texts).items()}


def names_of(texts: Sequence[Path]) -> dict[str, Path]:
    """A name for each source, without the folders above it: the card goes wherever the encoder goes."""
    named: dict[str, Path] = {}
    for path in texts:
        name = path.resolve().name
        named[name if name not in named else f"{name} {len(named) + 1}"] = path
    return named


def read_texts(path: Path, token_offsets: TokenOffsets, warn: Warn) -> Iterator[str]:
    """The texts of one source, in order.

    A `.jsonl` file gives the field `text` of each line, a `.txt` file its paragraphs, a folder or any other file the
    passages that an index of it would have. Raises PathProblem when the path or a line cannot be read; documents that
    cannot be read are told to `warn`, one line each.
    """
    if path.suffix == ".jsonl":
        return _lines(path)
    if path.suffix == ".txt" and path.is_file():
        return _paragraphs(path)
    return _passages(path, token_offsets, warn)


def _lines(path: Path) -> Iterator[str]:
    with _opened(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                yield str(json.loads(line)["text"])
            except (ValueError, TypeError, KeyError, RecursionError):
                hint = 'Each line is one object: {"text": "..."}.'
                raise PathProblem(f"{path}:{number} is not a JSON object with a text.", hint=hint) from None


def _paragraphs(path: Path) -> Iterator[str]:
    """Paragraphs are parted by empty lines."""
    lines: list[str] = []
    with _opened(path) as file:
        for line in file:
            if line.strip():
                lines.append(line)
            elif lines:
                yield "".join(lines)
                lines = []
    if lines:
        yield "".join(lines)


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PathProblem(f"{path} cannot be read: {error.strerror}.") from None


def _passages(path: Path, token_offsets: TokenOffsets, warn: Warn) -> Iterator[str]:
    with ParserPool(1, unsealed=load().settings.unsealed) as pool:
        for found in discover(absolute(path), Scope()):
            parsed = found if isinstance(found, Skipped) else _parse(pool, found)
            if isinstance(parsed, Skipped):
                warn(f"skipped {parsed.path}: {parsed.reason}")
                continue
            for document in parsed.documents:
                for passage in split(document, token_offsets, size=PASSAGE_SIZE):
                    yield passage.encoded_text


def _parse(pool: ParserPool, source: SourceFile) -> Parsed | Skipped:
    try:
        with open_source(source) as opened:
            parsed = pool.parse(opened.descriptor, shown(source.path))
    except PathProblem as error:
        return Skipped(shown(source.path), error.message)
    return parsed if parsed.documents else Skipped(shown(source.path), parsed.reason or "no text")
