"""A program in a terminal of its own: what it shows is read, keys are sent."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROWS, _COLUMNS = 40, 120
_ESCAPES = re.compile(rb"\x1b\[[0-9;?<>=]*[a-zA-Z~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.")
SECONDS = 300.0
"""For each step; under strace, on a busy machine."""


class Terminal:
    """A started program. Raises TimeoutError where it does not do what is waited for."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        try:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={**environment, "TERM": "xterm-256color"},
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
            )
        except BaseException:
            os.close(self._ours)
            raise
        finally:
            os.close(theirs)
        self._shown = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def wait_for(self, text: str) -> None:
        """Until it has shown a text since the last keys."""
        end = time.monotonic() + SECONDS
        while text.encode() not in _ESCAPES.sub(b"", self._shown):
            if time.monotonic() > end or not self._more():
                raise TimeoutError(f"{text!r} was not shown")

    def press(self, keys: str) -> None:
        self._shown = b""
        os.write(self._ours, keys.encode())

    def end(self) -> int:
        """Its exit code, when it has ended."""
        end = time.monotonic() + SECONDS
        while self._process.poll() is None:
            if time.monotonic() > end:
                raise TimeoutError("it did not end")
            self._more()
        return self._process.returncode

    def _more(self) -> bool:
        """Read what it has written by now; False when it has closed the terminal."""
        with contextlib.suppress(OSError):  # EIO: nobody has it open any more
            if not select.select([self._ours], [], [], 0.1)[0]:
                return True
            chunk = os.read(self._ours, 65536)
            self._shown += chunk
            return bool(chunk)
        return False
