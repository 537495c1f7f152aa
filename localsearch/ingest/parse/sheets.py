"""Workbooks: one page for each sheet, under the sheet's name, each region of cells a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from localsearch.ingest.parse import library, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.source import Reader, Reading, Source, Unreadable
from localsearch.records import Document

Row = Sequence[str]


def reader(mime: str) -> Reader:
    """A reader of workbooks."""

    def read(source: Source) -> Reading:
        result = library.plain(source.data, mime)
        names = result.metadata.get("sheet_names") or ()
        builder = Builder()
        for page in result.pages or ():
            builder.page = page["page_number"]
            tables = page["tables"]
            if tables:
                builder.forget_headings()
                builder.heading(names[builder.page - 1] if builder.page <= len(names) else "", level=1)
            for table in tables:
                add_cells(builder, table.cells)
        blocks = builder.blocks()
        if not blocks:
            raise Unreadable("no text")
        facts = metadata.facts(result.metadata, written="modified_at")
        return Reading((Document(blocks, facts.title, facts.author, facts.date),))

    return read


def add_cells(builder: Builder, rows: Sequence[Row]) -> None:
    """Add the cells of a sheet; empty rows part it into regions, each with its own header."""
    header: Row = ()
    for region in _regions(rows):
        titles, table = _split_titles(region)
        for title in titles:
            builder.paragraph(" ".join(cell for cell in title if cell.strip()))
        if len(table) > 1 and is_header(table[0]):
            header = table[0]
        elif header and len(header) == len(table[0]):
            table = [header, *table]
        builder.table(table, header=bool(table) and table[0] is header)


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


def is_header(row: Row) -> bool:
    """Whether a first row names columns: only text, no numbers."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return len(cells) > 1 and not any(
        cell[0].isdigit() or (cell[-1].isdigit() and cell[0] in "-+($€£") for cell in cells
    )
