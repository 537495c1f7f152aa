"""Tables: in columns where they fit, one field per line where they do not."""

from __future__ import annotations

from localsearch.tui.tables import cells, is_row, table
from localsearch.tui.text import Line, Mark, columns, plain

HEADER = "article | price | supplier"


def row(text: str) -> Line:
    return ((text, Mark.PLAIN),)


def shown(rows: list[str], width: int, header: str = "") -> list[list[str]]:
    return [
        [plain(line).rstrip() for line in lines] for lines in table([cells(row(one)) for one in rows], width, header)
    ]


def test_cells_keep_their_marks() -> None:
    line: Line = (("bolt | ", Mark.PLAIN), ("0.20", Mark.MATCH), (" | x", Mark.PLAIN))
    assert is_row(line) and not is_row(row("a|b"))
    assert cells(line) == ((("bolt", Mark.PLAIN),), (("0.20", Mark.MATCH),), (("x", Mark.PLAIN),))


def test_columns_line_up_wide_characters_too() -> None:
    assert shown([HEADER, "螺栓 | 0.20 | Smith", "washer | 0.05"], 60) == [
        ["article │ price │ supplier"],
        ["螺栓    │ 0.20  │ Smith"],
        ["washer  │ 0.05"],
    ]


def test_the_header_is_strong() -> None:
    (first,), _ = table([cells(row(HEADER)), cells(row("a | b | c"))], 60, HEADER)
    assert all(mark & Mark.STRONG for _, mark in first)


def test_long_cells_wrap_inside_their_column() -> None:
    assert shown(["a | one two three four five", "b | six"], 20) == [
        ["a │ one two three", "  │ four five"],
        ["b │ six"],
    ]


def test_a_table_that_cannot_fit_becomes_fields() -> None:
    rows = [" | ".join(f"name {number}" for number in range(8)), " | ".join(f"value {number}" for number in range(8))]
    assert shown(rows, 40, rows[0])[1][:2] == ["▸ name 0: value 0", "  name 1: value 1"]
    for lines in table([cells(row(one)) for one in rows], 40, rows[0]):
        assert all(columns(line) <= 40 for line in lines)
