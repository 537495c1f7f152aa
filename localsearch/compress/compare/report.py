"""A comparison as Markdown for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from localsearch.compress.compare.run import Comparison, Row
from localsearch.display import display

HEAD = (
    "encoder",
    "nDCG@10 dense",
    "hybrid",
    "share of the first",
    "cosine",
    "same neighbours",
    "parameters",
    "zeros",
    "MB",
    "zipped",
    "passages/s",
    "query ms",
    "peak MB",
)
MB = 1_000_000


def as_json(found: Comparison) -> dict[str, Any]:
    """The contract of `model compare --json`, described in docs/cli.md."""
    return {
        "machine": asdict(found.machine),
        "passages": found.passages,
        "sets": {name: {"documents": sizes[0], "queries": sizes[1]} for name, sizes in found.sets.items()},
        "encoders": [row_as_json(row) for row in found.rows],
    }


def row_as_json(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "folder": str(row.folder),
        "dim": row.dim,
        "ndcg@10": {
            name: {"dense": round(one.dense, 6), "hybrid": round(one.hybrid, 6)} for name, one in row.quality.items()
        },
        "mean": {"dense": round(row.dense, 6), "hybrid": round(row.hybrid, 6)},
        "cosine": None if row.likeness.cosine is None else round(row.likeness.cosine, 6),
        "same_neighbours": round(row.likeness.overlap, 6),
        "parameters": row.weights.parameters,
        "zeros": row.weights.zeros,
        "bytes": row.bytes,
        "zipped_bytes": row.zipped,
        "passages_per_second": round(row.speed.passages_per_second, 2),
        "query_ms": round(row.speed.query_ms, 3),
        "peak_memory_bytes": row.peak_memory,
    }


def as_markdown(found: Comparison) -> str:
    """The table, a second one by set when there are several, and what was measured on which machine."""
    parts = [table([HEAD, *(_cells(row, found.rows[0]) for row in found.rows)])]
    if len(found.sets) > 1:
        head = ("nDCG@10 dense, hybrid", *(plain(name) for name in found.sets))
        rows = [(plain(row.name), *_by_set(row, found)) for row in found.rows]
        parts.append(table([head, *rows]))
    parts.append(footnote(found))
    return "\n\n".join(parts)


def _cells(row: Row, first: Row) -> tuple[str, ...]:
    return (
        plain(row.name),
        f"{row.dense:.4f}",
        f"{row.hybrid:.4f}",
        f"{_share(row.dense, first.dense)}, {_share(row.hybrid, first.hybrid)}",
        "" if row.likeness.cosine is None else f"{row.likeness.cosine:.4f}",
        f"{row.likeness.overlap:.3f}",
        f"{row.weights.parameters / 1e6:.2f} M",
        f"{row.weights.zeros / max(row.weights.parameters, 1):.0%}",
        f"{row.bytes / MB:.1f}",
        f"{row.zipped / MB:.1f}",
        f"{row.speed.passages_per_second:.1f}",
        f"{row.speed.query_ms:.1f}",
        f"{row.peak_memory / MB:.0f}",
    )


def _share(value: float, whole: float) -> str:
    return f"{value / whole:.1%}" if whole else "-"


def _by_set(row: Row, found: Comparison) -> list[str]:
    return [f"{row.quality[name].dense:.4f}, {row.quality[name].hybrid:.4f}" for name in found.sets]


def footnote(found: Comparison) -> str:
    sets = ", ".join(
        f"{plain(name)} ({sizes[0]:,} documents, {sizes[1]:,} queries)" for name, sizes in found.sets.items()
    )
    machine = found.machine
    vnni = "with" if machine.vnni else "without"
    return (
        f"Quality on {sets}. Speed on {found.passages:,} passages, all cores; a query is encoded alone; memory with "
        f"one thread.\n{plain(machine.processor)}, {machine.cores} cores, {vnni} VNNI, load before {machine.load:.2f}."
    )


def table(rows: Sequence[Sequence[str]]) -> str:
    """Markdown whose columns are also straight in a terminal."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def plain(text: str) -> str:
    """A name from a card or folder: safe to show, and no cell of a table ends in it."""
    return display(text).replace("|", "\\|")
