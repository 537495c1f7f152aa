"""What was tried, as Markdown for people and as JSON for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from localsearch.compress.compare.report import as_json as comparison_as_json
from localsearch.compress.compare.report import footnote, plain, row_as_json, table
from localsearch.compress.compare.run import Row
from localsearch.compress.optimize.budget import MB, quality_share
from localsearch.compress.optimize.run import Outcome, Tried

HEAD = ("candidate", "MB", "query ms", "passages/s", "nDCG@10 dense", "share of the start", "budget")


def as_markdown(found: Outcome) -> str:
    rows = [_cells(one, found) for one in found.tried]
    return "\n\n".join([table([HEAD, *rows]), footnote(found.comparison)])


def _cells(one: Tried, found: Outcome) -> tuple[str, ...]:
    size = f"{one.bytes / MB:.1f}" if one.folder is not None else ""
    if one.row is None:
        return (plain(one.candidate.name), size, "", "", "", "", _verdict(one, found))
    return (
        plain(one.candidate.name),
        size,
        f"{one.row.speed.query_ms:.1f}",
        f"{one.row.speed.passages_per_second:.1f}",
        f"{one.row.dense:.4f}",
        _share(one.row, found.comparison.rows[0]),
        _verdict(one, found),
    )


def _share(row: Row, start: Row) -> str:
    """What was measured, and in brackets what it may be on other queries."""
    share = quality_share(row, start)
    around = f" ({share.low:.1%} to {share.high:.1%})" if share.tells else ""
    return f"{share.value:.1%}{around}"


def _verdict(one: Tried, found: Outcome) -> str:
    if one.reason:
        return plain(f"not made: {one.reason}")
    if one.misses:
        return f"misses: {missing(one)}" + ("" if one.row else "; not measured")
    said = "chosen" if one is found.winner else "within it"
    return said if one.sure else f"{said}; the queries cannot tell"


def missing(one: Tried) -> str:
    """In words, the limits that are missed."""
    return ", ".join(str(miss) for miss in one.misses)


def as_json(found: Outcome) -> dict[str, Any]:
    """The contract of `model optimize --json`, described in docs/cli.md."""
    told = comparison_as_json(found.comparison)
    return {
        "start": found.start,
        "budget": asdict(found.budget),
        "winner": None if found.winner is None else found.winner.candidate.name,
        "machine": told["machine"],
        "passages": told["passages"],
        "sets": told["sets"],
        "candidates": [_candidate(one, found) for one in found.tried],
    }


def _candidate(one: Tried, found: Outcome) -> dict[str, Any]:
    measured = None
    if one.row is not None:
        measured = {key: value for key, value in row_as_json(one.row).items() if key not in ("name", "folder")}
        share = quality_share(one.row, found.comparison.rows[0])
        measured["share"] = round(share.value, 6)
        measured["share_between"] = [round(share.low, 6), round(share.high, 6)] if share.tells else None
    return {
        "name": one.candidate.name,
        "what": one.candidate.what,
        "bytes": one.bytes or None,
        "measured": measured,
        "sure": one.sure if one.row is not None else None,
        "misses": [{"value": round(miss.value, 4), "limit": miss.limit, "unit": miss.unit} for miss in one.misses],
        "not_made": one.reason or None,
    }
