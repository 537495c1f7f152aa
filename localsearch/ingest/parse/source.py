"""What a reader gets and gives, and how it says that a document cannot be read."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TypeAlias

from localsearch.ingest.parse.limits import Limits
from localsearch.records import Document

_SHARE_OF_TIME = 0.7
"""Of the processor time that a file may cost."""


class Unreadable(Exception):
    """Nothing can be read, and why: one line, lower case, no full stop."""


class Unavailable(Exception):
    """This machine lacks now what reading needs, and what: one line, lower case, no full stop.

    The whole file is given up, not a member of it alone: what can be read another time is not half read now.
    """


@dataclass(slots=True)
class Budget:
    """What is left of one file's allowance; shared by all members at all depths."""

    members: int
    bytes: int
    """Bytes that members may still unpack to."""
    until: float
    """Processor time of this process, in seconds, after which no more is begun: what was read must still be told."""

    @classmethod
    def of(cls, limits: Limits) -> Budget:
        until = time.process_time() + _SHARE_OF_TIME * limits.cpu_seconds
        return cls(members=limits.members, bytes=limits.file_bytes, until=until)


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a file, or of a member inside one."""

    data: bytes
    name: str
    """File name or member name; its extension is a hint, its bytes decide."""
    limits: Limits
    budget: Budget
    depth: int = 0
    """How many archives, mailboxes or mails are around it."""

    @property
    def extension(self) -> str:
        """Lower case, without the dot; empty when there is none."""
        return PurePosixPath(self.name.replace("\\", "/")).suffix.lower().removeprefix(".")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found: at least one document with text, or it raised Unreadable."""

    documents: tuple[Document, ...]
    notes: tuple[str, ...] = field(default=())
    """Partial losses, one line each."""


Reader: TypeAlias = Callable[[Source], Reading]
