"""Comma-separated values and their relatives: semicolons, tabs, bars."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator

from localsearch.ingest.parse import encoding
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import sheets
from localsearch.ingest.parse.limits import MIB
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 50
_EXCEL_HINT = "sep="
_MOST_BYTES = 64 * MIB
"""Bytes that are decoded."""
_MOST_CELLS = 1_500_000
"""Each takes some 300 bytes of memory and 2 µs on the way to text."""
_LINE = re.compile("[^\n]*\n|[^\n]+")


def read(source: Source) -> Reading:
    """One table; rows may differ in length, cells may be of any size. Of a very long one the beginning is read."""
    text, cut = _beginning(source.data)
    delimiter, text = _delimiter(text)
    # The default limit of 131,072 characters a cell guards against an unclosed quote; memory is limited anyway.
    csv.field_size_limit(len(text) + 1)
    rows = _rows(text, delimiter)
    first = list(_within(rows, _MOST_CELLS))
    cut = cut or next(rows, None) is not None
    builder = Builder()
    sheets.add_cells(builder, first)
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    return Reading((Document(blocks),), (f"only the first {len(first):,} rows were read",) if cut else ())


def _beginning(data: bytes) -> tuple[str, bool]:
    """The text in whole lines, as much of it as is decoded; and whether that is not all."""
    cut = len(data) > _MOST_BYTES
    end = data.rfind(b"\n", 0, _MOST_BYTES) + 1 if cut else 0
    text = encoding.decode(data[: end or _MOST_BYTES]).replace("\0", "")
    if cut:  # in UTF-16 the last line has lost a part of its end
        text = text[: text.rfind("\n") + 1] or text.rstrip("\ufffd")
    return text, cut


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows of a text, which is not copied as a whole."""
    return csv.reader((line[0] for line in _LINE.finditer(text)), delimiter=delimiter)


def _within(rows: Iterator[list[str]], cells: int) -> Iterator[list[str]]:
    """Rows until so many cells have been seen."""
    for row in rows:
        yield row
        cells -= max(1, len(row))
        if cells <= 0:
            return


def _delimiter(text: str) -> tuple[str, str]:
    """The delimiter, and the text without the `sep=` line by which Excel names it."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith(_EXCEL_HINT) and len(first.strip()) == len(_EXCEL_HINT) + 1:
        return first.strip()[-1], rest
    return max(_DELIMITERS, key=lambda delimiter: _score(text, delimiter)), text


def _score(text: str, delimiter: str) -> tuple[float, int]:
    """How well a delimiter fits: the share of rows with the commonest number of cells, then that number."""
    reader = _rows(text, delimiter)
    try:
        counts = [len(row) for row in itertools.islice(reader, _SAMPLE_LINES) if row]
    except csv.Error:
        return (0.0, 0)
    if not counts:
        return (0.0, 0)
    common = max(set(counts), key=counts.count)
    return (counts.count(common) / len(counts) if common > 1 else 0.0, common)
