"""`localsearch audit`: prove that nothing leaves this machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.names import count
from localsearch.cli.options import JsonOption
from localsearch.display import display

if TYPE_CHECKING:
    from localsearch.audit.records import Audit, Check


def audit(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name every attempt, not only what failed.")] = False,
    json: JsonOption = False,
) -> None:
    """Prove that nothing leaves this machine.

    Attacks a process of the kind that reads documents from inside, then runs index, query, summarize and tui on
    documents of its own while every system call is watched (with strace, where that is installed). Your index is not
    touched. The exit code is 0 only when everything holds.

    \b
    Examples:
      localsearch audit
      localsearch audit --verbose
      localsearch audit --json
    """
    from localsearch.audit.run import audit as run

    def tell(check: Check) -> None:
        if not json and (verbose or not check.holds):
            output.write(_line(check))

    found = run(tell)
    if json:
        output.write_object({"holds": found.holds, "watched_by": found.watched_by, "checks": _as_json(found)})
    else:
        _print_verdict(found)
    if not found.holds:
        raise typer.Exit(1)


def _as_json(found: Audit) -> list[dict[str, object]]:
    return [asdict(check) for check in found.checks]


def _line(check: Check) -> str:
    mark = "ok  " if check.holds else "FAIL"
    return f"{mark} {check.subject}: {check.what}: {display(check.result)}"


def _print_verdict(found: Audit) -> None:
    """What was done to each subject, and the verdict."""
    subjects = dict.fromkeys(check.subject for check in found.checks)
    for subject in subjects:
        checks = [check for check in found.checks if check.subject == subject]
        held = sum(check.holds for check in checks)
        output.write(f"{subject:<42}{held:,} of {len(checks):,} hold")
    failed = sum(not check.holds for check in found.checks)
    if found.watched_by != "strace":
        diagnostics.note("strace is not installed, or may not trace here: commands were watched by Python alone.")
    output.write("Everything holds." if found.holds else f"NOT PROVEN: {count(failed, 'check')} failed.")
