"""The commands, at work on sample documents and watched from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from localsearch.audit import sample, trace
from localsearch.audit.records import Check
from localsearch.audit.terminal import Terminal

PROGRAM = (sys.executable, "-P", "-m", "localsearch")
_WATCHED = (sys.executable, "-P", "-m", "localsearch.audit.watched")
_QUIT = "\x11"  # Ctrl-Q
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the commands run, and how they are watched."""

    folder: Path
    """Holds home, documents and index; a new one, that is deleted afterwards."""
    tracer: str | None
    """The path of strace; None where there is none."""
    program: Sequence[str] = PROGRAM

    @property
    def environment(self) -> dict[str, str]:
        """An empty home, and nothing by which a library would take this for a test (`CI` silences telemetry)."""
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        return kept | {
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "LOCALSEARCH_INDEX": str(self.folder / "index"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @property
    def log(self) -> Path:
        return self.folder / "calls"

    def command(self, arguments: Sequence[str]) -> list[str]:
        if self.tracer is None:
            return [*_WATCHED, str(self.log), *arguments]
        return [*trace.command(self.tracer, self.log), *self.program, *arguments]


def watch(tracer: str | None, program: Sequence[str] = PROGRAM) -> Iterator[Check]:
    """Run every kind of command, and look at what each did."""
    with tempfile.TemporaryDirectory(prefix="localsearch-audit-") as name:
        bench = Bench(Path(name).resolve(), tracer, program)
        (bench.folder / "home").mkdir()
        sample.make(bench.folder / "documents")
        for arguments in (
            ("index", "documents"),
            ("index",),
            ("query", sample.QUESTION),
            ("summarize", "documents"),
        ):
            yield from _watched(bench, arguments, shows=sample.WORD if arguments[0] in ("query", "summarize") else "")
        yield from _watched_terminal(bench)
        left = sorted(path.name for path in (bench.folder / "home").rglob("*"))
        yield Check("home folder", "files", ", ".join(left) or "none were made", holds=not left)


def _watched(bench: Bench, arguments: Sequence[str], *, shows: str) -> Iterator[Check]:
    done = subprocess.run(
        bench.command(arguments),
        cwd=bench.folder,
        env=bench.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    worked = done.returncode == 0 and shows in done.stdout
    said = done.stderr.strip().rpartition("\n")[2] or "nothing was found"
    yield Check(arguments[0], "works", "yes" if worked else f"exit code {done.returncode}: {said}", holds=worked)
    yield from _calls(bench, arguments[0])


def _watched_terminal(bench: Bench) -> Iterator[Check]:
    """Search in the terminal application, and leave it."""
    try:
        with Terminal(bench.command(["tui", sample.QUESTION]), bench.folder, bench.environment) as terminal:
            terminal.wait_for(sample.WORD)
            terminal.press(_QUIT)
            code = terminal.end()
        result = "yes" if code == 0 else f"exit code {code}"
    except TimeoutError as error:
        code, result = 1, str(error)
    yield Check("tui", "works", result, holds=code == 0)
    yield from _calls(bench, "tui")


def _calls(bench: Bench, subject: str) -> Iterator[Check]:
    """What the log says of the command that has just ended."""
    calls = bench.log.read_text(errors="replace").splitlines() if bench.log.exists() else []
    bench.log.unlink(missing_ok=True)
    enough = len(calls) > (100 if bench.tracer else 0) or not bench.tracer
    yield Check(subject, "was watched", f"{len(calls):,} calls", holds=enough)
    for what, found, good in (
        ("sockets", trace.sockets(calls), "none but local ones"),
        ("files outside the index", trace.outside(calls, [bench.folder / "index", bench.log]), "none was changed"),
    ):
        yield Check(subject, what, found[0] if found else good, holds=not found)
