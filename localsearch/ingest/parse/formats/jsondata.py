"""JSON, JSON Lines and notebooks: what a value is called stands before it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from localsearch.ingest.parse import encoding
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.formats import markdown
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

Json: TypeAlias = Any


def read(source: Source) -> Reading:
    """A list of flat records becomes a table, all else lines `path.to.key: value`. Raises Unreadable."""
    text = encoding.decode(source.data).strip()
    builder = Builder()
    try:
        value = json.loads(text)
    except ValueError:
        value = _json_lines(text)
    if value is None:  # neither: a template, JSON with comments
        builder.code(text)
    elif isinstance(value, dict) and isinstance(value.get("cells"), list) and "nbformat" in value:
        _add_notebook(builder, value["cells"])
    else:
        _add_value(builder, value)
    return _reading(builder, value)


def _json_lines(text: str) -> list[Json] | None:
    """One value on each line; None when it is not that."""
    try:
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    except ValueError:
        return None


def _reading(builder: Builder, value: Json) -> Reading:
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    title = value.get("title") if isinstance(value, dict) else None
    return Reading((Document(blocks, title if isinstance(title, str) else builder.first_heading()),))


def _add_value(builder: Builder, value: Json) -> None:
    if isinstance(value, list) and _are_records(value):
        columns = list(dict.fromkeys(key for record in value for key in record))
        rows = [[_scalar(record.get(column)) for column in columns] for record in value]
        builder.table([columns, *rows])
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else [("", value)]
    loose: list[str] = []
    for name, part in parts:
        path = str(name) if isinstance(value, dict) else ""
        lines = list(_lines(part, path))
        if isinstance(part, dict | list):
            builder.paragraph("\n".join(lines))
        else:
            loose += lines
    builder.paragraph("\n".join(loose))


def _are_records(values: Sequence[Json]) -> bool:
    """Whether a list holds two or more objects without anything nested in them."""
    return len(values) > 1 and all(
        isinstance(one, dict) and not any(isinstance(part, dict | list) for part in one.values()) for one in values
    )


def _lines(value: Json, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _lines(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for part in value:
            yield from _lines(part, path)
    elif value is not None and value != "":
        yield f"{path}: {_scalar(value)}" if path else _scalar(value)


def _scalar(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _add_notebook(builder: Builder, cells: Sequence[Json]) -> None:
    """The cells of a Jupyter notebook: text as Markdown, code with the text that it printed."""
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        text = _joined(cell.get("source"))
        if cell.get("cell_type") == "markdown":
            markdown.add(builder, text)
        elif cell.get("cell_type") == "code":
            builder.code(text)
            for output in cell.get("outputs") or ():
                builder.code(_output(output))


def _output(output: Json) -> str:
    if not isinstance(output, dict):
        return ""
    data = output.get("data")
    return _joined(output.get("text") or (data.get("text/plain") if isinstance(data, dict) else ""))


def _joined(lines: Json) -> str:
    """Notebooks hold text as a string or as a list of lines."""
    return "".join(str(line) for line in lines) if isinstance(lines, list) else str(lines or "")
