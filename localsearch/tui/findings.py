"""What about this index needs a look? Told from its status alone."""

from __future__ import annotations

from collections.abc import Iterator

from localsearch.names import count
from localsearch.records import Status
from localsearch.tui.places import short
from localsearch.tui.text import Line, Mark

MOST_SCANNED = 20_000
"""Passages outside the FAISS cache from which a search is felt to be slower."""


def findings(status: Status, *, is_running: bool, encoder_problem: str) -> Iterator[Line]:
    """One line per finding, or one that says that there is none."""
    found = list(_found(status, is_running, encoder_problem))
    if not found:
        yield (("✓ ", Mark.BAR), ("nothing to mend", Mark.PLAIN))
    for text in found:
        yield (("! ", Mark.WARNING), (text, Mark.WARNING))


def _found(status: Status, is_running: bool, encoder_problem: str) -> Iterator[str]:
    if encoder_problem:
        yield f"no search by meaning: {encoder_problem}"
    if status.erasing:
        yield "what was forgotten is not yet out of the files; the next start erases it"
    yield from _of_runs(status, is_running)
    for root in status.roots:
        if not root.present:
            yield f"{short(root.path)} is not there now; what is known of it is kept"
        elif not root.files:
            yield f"{short(root.path)} gave no text"
    scanned = status.passages - status.cached
    if scanned > MOST_SCANNED:
        yield f"{count(scanned, 'passage')} outside the cache (missing or damaged): u makes it again"
    if status.skipped:
        yield f"{count(len({one.path for one in status.skipped}), 'file')} gave no text, or not all of it: see below"


def _of_runs(status: Status, is_running: bool) -> Iterator[str]:
    if status.writer is not None and not is_running:
        yield f"process {status.writer or '(starting)'} is writing to the index now"
    elif not is_running and not all(root.complete for root in status.roots):
        yield "the last run was interrupted: u finishes it"
    if status.pending:
        yield f"{count(status.pending, 'file')} could not be read the last time: u tries again"
