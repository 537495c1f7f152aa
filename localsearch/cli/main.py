"""Where every command begins and ends: sealed before anything is read, failures said in one line."""

from __future__ import annotations

import sys

from localsearch.cli import diagnostics, output, streams
from localsearch.privacy import seal

INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run())


def run() -> int:
    """Seal this process, run the command that its arguments name, and give its exit code."""
    streams.open_missing()
    try:
        seal()
        from localsearch.cli.app import command

        code = command().main(standalone_mode=False)
        output.finish()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        return diagnostics.report(error)
    if code == INTERRUPTED:
        diagnostics.failure("interrupted; what was committed before is kept.")
    return code if isinstance(code, int) else 0
