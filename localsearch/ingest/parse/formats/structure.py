"""From kreuzberg's document nodes to blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.library import PAGE_MARKER

Node = Mapping[str, Any]

_TEXT = ("paragraph", "footnote", "formula", "citation", "definition_item", "raw_block")
_FURNITURE = ("header", "footer")


def add_nodes(builder: Builder, nodes: Sequence[Node]) -> None:
    """Add the body in reading order, without page headers and footers."""
    for run in _runs(node for node in nodes if node.get("content_layer") not in _FURNITURE):
        _add_run(builder, run)


def _runs(nodes: Iterable[Node]) -> Iterator[list[Node]]:
    """Nodes one by one, but the items of a list together."""
    for (kind, _), run in groupby(nodes, key=lambda node: (node["content"]["node_type"], node.get("parent"))):
        if kind == "list_item":
            yield list(run)
        else:
            for node in run:
                yield [node]


def _add_run(builder: Builder, run: list[Node]) -> None:
    content = run[0]["content"]
    kind = content["node_type"]
    text = content.get("text") or ""
    if kind == "list_item":
        builder.paragraph("\n".join(f"- {_one_line(node['content'].get('text') or '')}" for node in run))
    elif kind in ("heading", "title"):
        builder.heading(text, content.get("level") or 1)
    elif kind == "table":
        builder.table(table_rows(content.get("grid") or {}))
    elif kind == "code":
        builder.code(text)
    elif kind in _TEXT:
        builder.paragraph(text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def table_rows(grid: Mapping[str, Any]) -> list[list[str]]:
    """The cells of a table node as rows of equal length."""
    rows: dict[int, dict[int, str]] = {}
    for cell in grid.get("cells") or ():
        rows.setdefault(cell["row"], {})[cell["col"]] = cell["content"]
    return [[row.get(column, "") for column in range(max(row, default=-1) + 1)] for _, row in sorted(rows.items())]


def pages_of(nodes: Sequence[Node]) -> Iterator[tuple[int, list[Node]]]:
    """The nodes of each page or slide; they follow a marker that holds its number."""
    number, page = 1, list[Node]()
    for node in nodes:
        marker = PAGE_MARKER.fullmatch((node["content"].get("text") or "").strip())
        if marker is None:
            page.append(node)
            continue
        if page:
            yield number, page
        number, page = int(marker[1]), []
    if page:
        yield number, page
