"""All of standard error: progress, notes, questions and failures. Nothing else writes there."""

from __future__ import annotations

import os
import sys
import traceback

from localsearch.cli.layout import is_live, shorten, terminal_width
from localsearch.display import display
from localsearch.errors import LocalSearchError

DEBUG = "LOCALSEARCH_DEBUG"
"""Set to 1, this variable has failures followed by where they happened."""

_NO_MEMORY = "out of memory. Close other programs, or index with fewer --workers; what was committed is kept."

_NOWHERE = "the current folder is gone. Change to one that exists, or write paths from / on."


def say(text: str) -> None:
    """One line, made safe to show."""
    _send(display(text) + "\n")


def note(text: str) -> None:
    say(f"note: {text}")


def failure(text: str) -> None:
    say(f"localsearch: {text}")


def report(error: Exception) -> int:
    """Say in one line what went wrong, where, and what to do. Returns the exit code."""
    if os.environ.get(DEBUG) == "1":
        _send(display("".join(traceback.format_exception(error)), multiline=True))
    if isinstance(error, LocalSearchError):
        failure(f"{error.message} {error.hint}".strip())
        return error.exit_code
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        failure(_NOWHERE)
        return 1
    if isinstance(error, MemoryError):
        failure(_NO_MEMORY)
        return 1
    failure(_usage(error) or _unexpected(error))
    return 1


def _is_nowhere() -> bool:
    """Whether the folder that this process is in was deleted."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _usage(error: Exception) -> str:
    """What is wrong with the command line as typed; empty for any other failure."""
    import typer

    if not isinstance(error, typer.TyperException):
        return ""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "localsearch"
    return f"{error.format_message().rstrip('.')}. See `{command} --help`."


def _unexpected(error: Exception) -> str:
    what = f"{type(error).__name__}: {error}".rstrip(": .")
    return f"unexpected failure: {what}. Run the command with {DEBUG}=1 to see where; what was committed is kept."


def confirm(question: str) -> bool:
    """Ask on the terminal; anything but `y` or `yes` means no."""
    _send(f"{display(question)} [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def may_ask() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def can_overwrite() -> bool:
    """Whether `overwrite` can be used: standard error is a terminal that moves its cursor."""
    return is_live(sys.stderr)


def overwrite(text: str) -> None:
    """Put `text`, cut to the terminal's width, in place of the current line. Empty text clears it."""
    _send("\r" + shorten(display(text), terminal_width(sys.stderr) - 1) + "\x1b[K")


def _send(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        return  # nobody listens; the work itself goes on
