"""The context of a passage: title > headings, and a table's header row, short enough for the encoder's window."""

from __future__ import annotations

from collections.abc import Sequence

from localsearch.ingest.units import TokenOffsets, Unit, piece_starts
from localsearch.records import BlockKind

_MOST = 40
"""Pieces of title and headings, and of a header row, at most."""
SPARE = 54
"""Pieces that context and text together may exceed the size of a passage by."""
_PART = 160
"""Characters of one title or heading at most: what follows is a paragraph in disguise."""
_ROOM_FOR_TWO = 12
"""Pieces below which only the innermost heading is worth showing."""
_SEPARATOR = " > "
_ELLIPSIS = "…"


class Contexts:
    """Makes the contexts of one document's passages; equal ones are made once."""

    def __init__(self, title: str, token_offsets: TokenOffsets, size: int) -> None:
        self._title = _clean(title)
        self._token_offsets = token_offsets
        self._room = size + SPARE
        self._made: dict[tuple[tuple[str, ...], int], str] = {}

    def of(self, first: Unit, pieces: int) -> str:
        """The context of a passage of so many pieces whose first unit is `first`."""
        block, room = first.block, self._room - pieces
        headings = block.headings
        own = ""
        if block.kind is BlockKind.HEADING and headings:
            headings, own = headings[:-1], _clean(headings[-1])
        header = "" if first.first or block.kind is not BlockKind.TABLE else block.header
        place = self._place(headings, own, min(_MOST, room // 2 if header else room))
        if not header:
            return place
        row = self._shortened(header[: _PART * 4], min(_MOST, room - self._count(place)))
        return f"{place}\n{row}" if place else row

    def room(self, first: Unit) -> int:
        """Pieces of text that fit the window beside the whole context of a passage that begins with `first`."""
        return self._room - self._count(self.of(first, self._room - SPARE))

    def heading(self, first: Unit) -> str:
        """Where the passage begins: its headings, its own included."""
        return _SEPARATOR.join(_clean(heading) for heading in first.block.headings[-6:])

    def _place(self, headings: tuple[str, ...], own: str, limit: int) -> str:
        key = ((*headings, own), limit)
        if key not in self._made:
            parts = _distinct([self._title, *map(_clean, headings)], own)
            self._made[key] = self._fitted(parts, limit) if parts else ""
        return self._made[key]

    def _fitted(self, parts: Sequence[str], limit: int) -> str:
        """Title and innermost heading matter most: drop from the middle first, then shorten what is left."""
        for dropped in range(max(1, len(parts) - 1)):
            kept = [parts[0], _ELLIPSIS, *parts[1 + dropped :]] if dropped else parts
            joined = _SEPARATOR.join(kept)
            if self._count(joined) <= limit:
                return joined
        ends = [parts[0], parts[-1]] if len(parts) > 1 and limit >= _ROOM_FOR_TWO else parts[-1:]
        share = limit // len(ends) - 1  # the separator counts too
        return _SEPARATOR.join(self._shortened(part, share) for part in ends)

    def _shortened(self, text: str, limit: int) -> str:
        starts = piece_starts(text, self._token_offsets)
        return text if len(starts) <= limit else text[: starts[max(0, limit - 1)]].rstrip() + _ELLIPSIS

    def _count(self, text: str) -> int:
        return len(piece_starts(text, self._token_offsets))


def _clean(text: str) -> str:
    """One line, not too long."""
    text = " ".join(text[: _PART * 2].split())
    return text if len(text) <= _PART else text[: _PART - 1].rstrip() + _ELLIPSIS


def _distinct(parts: Sequence[str], own: str) -> list[str]:
    """The parts without empty ones, repeats of the one before, and what the passage's text begins with."""
    kept: list[str] = []
    for part in parts:
        if part and part.casefold() != own.casefold() and (not kept or part.casefold() != kept[-1].casefold()):
            kept.append(part)
    return kept
