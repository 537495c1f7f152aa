"""`query --like PATH[#PAGE]`: which document is meant, and which page of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_PAGE = re.compile(r"(.+)#([0-9]{1,6})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A document, or a page of it, that others are compared with."""

    path: Path
    member: str
    """Place inside an archive or a mailbox; empty for an ordinary file."""
    page: int | None


def parse_place(typed: str) -> Place:
    """`report.pdf`, `report.pdf#12`, `mails.zip/minutes/may.docx#2`; a file of exactly that name comes first."""
    path, page = Path(typed), None
    match = _PAGE.fullmatch(typed)
    if match and not os.path.lexists(path):
        path, page = Path(match[1]), int(match[2])
    for parent in path.parents:
        if parent.is_file():
            return Place(parent, str(path.relative_to(parent)), page)
    return Place(path, "", page)
