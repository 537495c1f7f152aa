"""Workbooks: one page for each sheet, under the sheet's name, each region of cells a table."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from localsearch.ingest.parse import library, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import openxml
from localsearch.ingest.parse.ole import Compound, DamagedCompound
from localsearch.ingest.parse.parts import Parts
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

Row = Sequence[str]

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_XLSB = "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
_XLS = "application/vnd.ms-excel"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_FILE_PASSWORD = 0x2F  # BIFF record FilePass, among the first of an encrypted workbook
_FIRST_RECORDS = 20


def read_xlsx(source: Source) -> Reading:
    """Cells, then comments and charts of every sheet. Raises Unreadable."""
    builder = Builder()
    parts = Parts(source.data, source.limits)
    notes: tuple[str, ...] = ()
    try:
        _add_workbook(builder, source.data, _XLSB if "xl/workbook.bin" in parts.names else _XLSX)
    except Unreadable as error:
        openxml.salvage(builder, parts.read("xl/sharedStrings.xml"))
        if not builder.blocks():
            raise
        notes = (f"{error}; only words were saved, no numbers",)
    openxml.add_extras(builder, parts)
    return _reading(builder, openxml.facts(parts), notes)


def read_xls(source: Source) -> Reading:
    """A workbook of Excel 5 to 2003. Raises Unreadable."""
    try:
        compound = Compound(source.data)
    except DamagedCompound as error:
        raise Unreadable(f"damaged: {error}") from None
    if _is_encrypted(compound.stream("Workbook") or compound.stream("Book")):
        raise Unreadable("encrypted")
    builder = Builder()
    return _reading(builder, _add_workbook(builder, source.data, _XLS), ())


def read_ods(source: Source) -> Reading:
    """An OpenDocument workbook. Raises Unreadable."""
    builder = Builder()
    return _reading(builder, _add_workbook(builder, source.data, _ODS), ())


def _is_encrypted(stream: bytes) -> bool:
    """Whether one of the first records of an Excel workbook asks for a password."""
    offset = 0
    for _ in range(_FIRST_RECORDS):
        if offset + 4 > len(stream):
            return False
        kind, length = struct.unpack_from("<HH", stream, offset)
        if kind == _FILE_PASSWORD:
            return True
        offset += 4 + length
    return False


def _add_workbook(builder: Builder, data: bytes, mime: str) -> metadata.Facts:
    """Add all sheets and return what the workbook says about itself. Raises Unreadable."""
    result = library.plain(data, mime)
    names = result.metadata.get("sheet_names") or ()
    for page in result.pages or ():
        number = page["page_number"]
        builder.page = number
        builder.forget_headings()
        if page["tables"]:
            builder.heading(names[number - 1] if number <= len(names) else "", level=1)
        for table in page["tables"]:
            add_cells(builder, table.cells)
    return metadata.facts(result.metadata, written="modified_at")


def _reading(builder: Builder, facts: metadata.Facts, notes: tuple[str, ...]) -> Reading:
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    return Reading((Document(blocks, facts.title, facts.author, facts.date),), notes)


def add_cells(builder: Builder, rows: Sequence[Row]) -> None:
    """Add the cells of a sheet; empty rows part it into regions, each with its own header."""
    header: Row = ()
    waiting = False  # a header that stands alone above an empty row
    for region in _regions(rows):
        titles, table = _split_titles(region)
        if waiting and (titles or not _filled(table[0]) <= _filled(header)):
            builder.table([header])
            waiting = False
        for title in titles:
            builder.paragraph(" ".join(cell for cell in title if cell.strip()))
        if not table:
            continue
        if is_header(table[0]):
            header, waiting = table[0], len(table) == 1
        elif header and _filled(table[0]) <= _filled(header):
            table, waiting = [header, *table], False  # a part of the table above, after an empty row
        if not waiting:
            builder.table(_without_empty_columns(table), header=table[0] is header)
    if waiting:
        builder.table([header])


def _regions(rows: Sequence[Row]) -> Iterator[list[Row]]:
    region: list[Row] = []
    for row in [*rows, ()]:
        if any(cell.strip() for cell in row):
            region.append(row)
        elif region:
            yield region
            region = []


def _split_titles(region: list[Row]) -> tuple[list[Row], list[Row]]:
    """Rows with a single cell above a table are its titles."""
    for place, row in enumerate(region):
        if sum(bool(cell.strip()) for cell in row) > 1:
            return region[:place], region[place:]
    return region, []


def _filled(row: Row) -> set[int]:
    """The columns that have text."""
    return {column for column, cell in enumerate(row) if cell.strip()}


def _without_empty_columns(rows: Sequence[Row]) -> list[list[str]]:
    """Rows without the columns that are empty throughout."""
    used = sorted({column for row in rows for column in _filled(row)})
    return [[row[column] if column < len(row) else "" for column in used] for row in rows]


def is_header(row: Row) -> bool:
    """Whether a first row names columns: two cells or more, text and no numbers, years aside."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return len(cells) > 1 and not any(_is_value(cell) for cell in cells)


def _is_value(cell: str) -> bool:
    digits = sum(character.isdigit() for character in cell)
    is_year = len(cell) == 4 and cell.isdigit() and cell[:2] in ("19", "20")
    return digits > 0.5 * len(cell) and not is_year
