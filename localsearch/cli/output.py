"""All of standard output: the data that was asked for. Nothing else writes there."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from localsearch.cli.layout import columns, is_styled, styled
from localsearch.errors import StorageError


def write(text: str) -> None:
    """One line or several; parts from outside have been through `display()`, marks may surround matched words."""
    _send(styled(text, style=is_styled(sys.stdout)) + "\n")


def write_object(value: dict[str, Any]) -> None:
    """A JSON object, ASCII only: any byte of any file name survives, and no terminal obeys it."""
    _send(_json(value, indent=2) + "\n")


def write_array(values: Iterable[dict[str, Any]]) -> None:
    """A JSON array with one element per line."""
    lines = [_json(value) for value in values]
    _send("[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n")


def write_table(rows: Sequence[Sequence[str]]) -> None:
    """Rows in columns, the first column to the left and the others to the right."""
    widths = [max(columns(row[place]) for row in rows) for place in range(len(rows[0]))]
    for first, *others in rows:
        cells = [first + " " * (widths[0] - columns(first))]
        cells += [" " * (width - columns(cell)) + cell for cell, width in zip(others, widths[1:], strict=True)]
        write("  ".join(cells))


def _json(value: dict[str, Any], indent: int | None = None) -> str:
    # DEL is the one control character that JSON lets through.
    return json.dumps(value, ensure_ascii=True, indent=indent).replace("\x7f", "\\u007f")


def finish() -> None:
    """Send what is buffered, while a failure can still be reported."""
    _send("")


def _send(text: str) -> None:
    """A reader that has closed the pipe (`| head`) has what it wants: the command ends without a word.

    Raises StorageError when the output cannot be written, as on a full disk.
    """
    try:
        sys.stdout.write(text)
        if not text:
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_buffered()
        raise SystemExit(0) from None
    except UnicodeEncodeError:
        # A terminal of another alphabet gets the rest as escapes.
        encoding = sys.stdout.encoding
        _send(text.encode(encoding, "backslashreplace").decode(encoding))
    except OSError as error:
        _drop_buffered()
        raise StorageError(
            f"Cannot write the output: {error.strerror}.", hint="Check the file or disk it goes to."
        ) from None


def _drop_buffered() -> None:
    """Let the interpreter's last flush go nowhere, so that it does not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
