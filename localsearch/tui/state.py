"""The line above the keys: what was found, how, and what is going on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localsearch.names import count
from localsearch.records import Mode, Status
from localsearch.tui.text import Line, Mark, shorten

if TYPE_CHECKING:
    from localsearch.tui.messages import Found, RunProgress
    from localsearch.tui.session import Session

HOW = {Mode.HYBRID: "by meaning and words", Mode.SEMANTIC: "by meaning", Mode.KEYWORD: "by words"}


def state_line(
    session: Session, status: Status | None, progress: RunProgress | None, found: Found | None, width: int
) -> Line:
    """One line, the most urgent first."""
    parts: list[tuple[str, Mark]] = []
    if session.running:
        told = progress.meter.line(progress.progress) if progress else "looking for what changed"
        parts.append((f"⟳ {session.running}: {told}", Mark.ACCENT))
    if found is not None:
        parts.append((_found(found), Mark.PLAIN))
        parts += [(note, Mark.WARNING) for note in _notes(found)]
    if session.is_open and not session.by_meaning:
        parts.append(
            ("words only: no encoder", Mark.WARNING) if session.encoder_problem else ("loading meaning …", Mark.DIM)
        )
    if status is not None:
        parts.append((f"{count(status.passages, 'passage')} in {count(status.documents, 'document')}", Mark.DIM))
    line: list[tuple[str, Mark]] = []
    for text, mark in parts:
        line += [("  ·  ", Mark.DIM), (text, mark)] if line else [(text, mark)]
    return shorten(tuple(line), max(width, 10))


def _found(found: Found) -> str:
    if found.like:
        return f"{count(len(found.hits), 'passage')} like {found.like}  (/ goes back to the query)"
    more = "+" if len(found.hits) == found.k else ""
    draft = " (meaning follows)" if found.is_draft else ""
    return f"{len(found.hits)}{more} found {HOW[found.mode]}{draft}"


def _notes(found: Found) -> list[str]:
    """What the list of hits does not say by itself."""
    hits = found.hits
    notes = [
        (hits.missing, "of files that are gone"),
        (hits.unreadable, "that you may not read"),
        (hits.damaged, "damaged"),
    ]
    told = [f"{count(number, 'passage')} {what}" for number, what in notes if number]
    if found.changed:
        told.append(f"{count(found.changed, 'file')} changed since: F2 updates")
    return told if found.complete else [*told, "index not complete: F2"]
