"""Comma-separated values and their relatives: semicolons, tabs, bars."""

from __future__ import annotations

import csv
import io
import itertools

from localsearch.ingest.parse import encoding
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import sheets
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 50
_EXCEL_HINT = "sep="


def read(source: Source) -> Reading:
    """One table; rows may differ in length, cells may be of any size."""
    text = encoding.decode(source.data).replace("\0", "")
    delimiter, text = _delimiter(text)
    # The default limit of 131,072 characters a cell guards against an unclosed quote; memory is limited anyway.
    csv.field_size_limit(len(text) + 1)
    builder = Builder()
    sheets.add_cells(builder, list(csv.reader(io.StringIO(text), delimiter=delimiter)))
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    return Reading((Document(blocks),))


def _delimiter(text: str) -> tuple[str, str]:
    """The delimiter, and the text without the `sep=` line by which Excel names it."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith(_EXCEL_HINT) and len(first.strip()) == len(_EXCEL_HINT) + 1:
        return first.strip()[-1], rest
    return max(_DELIMITERS, key=lambda delimiter: _score(text, delimiter)), text


def _score(text: str, delimiter: str) -> tuple[float, int]:
    """How well a delimiter fits: the share of rows with the commonest number of cells, then that number."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        counts = [len(row) for row in itertools.islice(reader, _SAMPLE_LINES) if row]
    except csv.Error:
        return (0.0, 0)
    if not counts:
        return (0.0, 0)
    common = max(set(counts), key=counts.count)
    return (counts.count(common) / len(counts) if common > 1 else 0.0, common)
