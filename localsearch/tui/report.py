"""What a run did, in one line."""

from __future__ import annotations

from localsearch.errors import LocalSearchError
from localsearch.names import count
from localsearch.tui.messages import RunEnded


def summary(ended: RunEnded) -> str:
    """For people: new, changed and removed files, or why not."""
    error, report = ended.error, ended.report
    if isinstance(error, LocalSearchError):
        return f"{error.message} {error.hint}".strip()
    if error is not None:
        return f"{ended.what} failed: {type(error).__name__}: {error}"
    if report is None:
        return "Forgotten." if ended.what == "Forgetting" else "Cancelled; what was committed is kept."
    changes = ((report.added, "new"), (report.changed, "changed"), (report.removed, "removed"))
    told = ", ".join(f"{number:,} {word}" for number, word in changes if number) or "nothing changed"
    skipped = f"; {count(len({one.path for one in report.skipped}), 'file')} skipped" if report.skipped else ""
    files = count(report.added + report.changed + report.unchanged, "file")
    return f"{files} ({told}), {count(report.passages, 'passage')}{skipped}"
