"""Build a document's blocks: headings remembered, text cleaned, tables as lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from localsearch.ingest.parse import clean
from localsearch.records import Block, BlockKind

_HEADING_LENGTH = 300
"""Characters; a longer heading is a paragraph with a heading's style."""


class Builder:
    """Collects the blocks of one document in reading order.

    `page` is the page, slide or sheet of what is added next; None where the format has none.
    """

    def __init__(self) -> None:
        self.page: int | None = None
        self._blocks: list[Block] = []
        self._headings: list[tuple[int, str]] = []

    def heading(self, text: str, level: int) -> None:
        """Add a heading; `level` 1 is the outermost. It ends the headings of its level and below."""
        text = " ".join(clean.prose(text).split())
        if not text:
            return
        if len(text) > _HEADING_LENGTH:
            self._add(BlockKind.PARAGRAPH, text)
            return
        self._headings = [(above, name) for above, name in self._headings if above < level]
        self._headings.append((level, text))
        self._add(BlockKind.HEADING, text)

    def paragraph(self, text: str) -> None:
        """Add running text; its line breaks are kept."""
        self._add(BlockKind.PARAGRAPH, clean.prose(text))

    def code(self, text: str) -> None:
        """Add text whose line breaks and indents carry meaning."""
        self._add(BlockKind.CODE, clean.lines(text).rstrip().strip("\n"))

    def table(self, rows: Iterable[Sequence[str]], *, header: bool = True) -> None:
        """Add a table, one line for each row; with `header`, its first row names the columns."""
        lines = [line for line in map(_row, rows) if line]
        if not lines:
            return
        named = header and len(lines) > 1
        self._add(BlockKind.TABLE, "\n".join(lines), header=lines[0] if named else "")

    def forget_headings(self) -> None:
        """Start anew: what follows stands under no heading."""
        self._headings = []

    def blocks(self) -> tuple[Block, ...]:
        return tuple(self._blocks)

    def first_heading(self) -> str:
        return next((block.text for block in self._blocks if block.kind is BlockKind.HEADING), "")

    def _add(self, kind: BlockKind, text: str, *, header: str = "") -> None:
        if text.strip():
            path = tuple(name for _, name in self._headings)
            self._blocks.append(Block(kind=kind, text=text, headings=path, page=self.page, header=header))


def _row(cells: Sequence[str]) -> str:
    """One line of a table: cells joined by ` | `; empty at the end left out; empty when no cell has text."""
    texts = [" ".join(clean.prose(cell).split()) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return " | ".join(texts) if any(texts) else ""
