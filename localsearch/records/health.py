"""What an examination of an index found, and what a repair did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a finding is about."""

    FOLDER = "folder"
    DATABASE = "database"
    """Its structure: pages, tables, header."""
    ROWS = "rows"
    WORDS = "words"
    """The keyword index."""
    CACHE = "cache"
    """The FAISS file."""
    RUNS = "runs"
    """Something was begun and not ended."""
    SEAL = "seal"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be."""

    part: Part
    what: str
    file: str
    """The file in the index folder, or the program, that it is about."""
    works: str
    """What still works."""
    mend: str
    """The command that mends it."""
    damage: bool = True
    """Whether the index needs repair; False for what can wait or is no fault of the index."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did."""

    findings: tuple[Finding, ...]
    """What was damaged before."""
    copy: str
    """Folder that holds what was replaced; empty when nothing was."""
    files_read: int
    """Files that were read again because their rows were damaged."""
    encoded: int
    """Passages that had to be encoded because their vectors were damaged."""
    lost: tuple[str, ...]
    """What could not be brought back, and what to do about it."""
    seconds: float
