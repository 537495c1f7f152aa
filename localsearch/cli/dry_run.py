"""`localsearch index --dry-run`: what would be read, and what is left out and why. No index is made or changed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from localsearch.cli import diagnostics, output
from localsearch.cli.names import count, short, size
from localsearch.cli.scope import TypedScope, known_scopes
from localsearch.errors import QueryError
from localsearch.ingest.discover import discover
from localsearch.ingest.roots import leaving_out_forgotten
from localsearch.paths import absolute
from localsearch.records import Skipped, SourceFile


def dry_run(paths: Sequence[Path], index: Path, typed: TypedScope, max_file_mb: int, *, json: bool) -> None:
    """List the files below `paths`, or below all roots of the index when there are none."""
    known = known_scopes(index)
    default = typed.scope(max_file_mb)
    roots = {root: known.get(root, default) for root in map(absolute, paths)} or known
    if typed:
        roots = {root: default.keeping_forgotten(scope) for root, scope in roots.items()}
    roots = {root: leaving_out_forgotten(root, scope, known) for root, scope in roots.items()}
    read: list[SourceFile] = []
    left_out: list[Skipped] = []
    for root, scope in roots.items():
        if not os.path.lexists(root):
            diagnostics.note(f"{short(os.fsdecode(root))} is not there; what is known of it is kept.")
            continue
        try:
            entries = discover(root, scope, explain=True)
        except QueryError as error:
            if paths:
                raise
            diagnostics.note(f"{short(os.fsdecode(root))} would be left as it is: {error.message}")
            continue
        for entry in entries:
            if isinstance(entry, SourceFile):
                read.append(entry)
            else:
                left_out.append(entry)
            if not json:
                _print(entry)
    if json:
        output.write_object(
            {
                "read": [{"path": os.fsdecode(source.path), "size": source.size} for source in read],
                "left_out": [{"path": one.path, "reason": one.reason} for one in left_out],
            }
        )
    total = size(sum(source.size for source in read))
    diagnostics.say(f"{count(len(read), 'file')} would be read ({total}); {len(left_out):,} left out")


def _print(entry: SourceFile | Skipped) -> None:
    """Files as data, what is left out as talk."""
    if isinstance(entry, SourceFile):
        output.write(short(os.fsdecode(entry.path)))
    else:
        diagnostics.say(f"{short(entry.path)}: {entry.reason}")
