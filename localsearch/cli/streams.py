"""Standard streams that the caller has closed (`>&-`), and what a command does without them."""

from __future__ import annotations

import os
import sys
from typing import TextIO, cast

_STREAMS = (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY))
"""Name, mode and how the null device is opened in its place: nothing can be read, messages go nowhere, and output
fails as it should, because it cannot be delivered."""


def open_missing() -> None:
    """Give each closed stream its number back, so that no file of the index gets it and is written to as the screen."""
    for number, (name, mode, access) in enumerate(_STREAMS):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, access)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, _stream(number, mode))


def _stream(number: int, mode: str) -> TextIO:
    return cast(TextIO, open(number, mode, encoding="utf-8", errors="backslashreplace", closefd=False))
