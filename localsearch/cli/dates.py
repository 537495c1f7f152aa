"""Dates as typed: `2024`, `2024-03` or `2024-03-31`, each meaning its first moment in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from localsearch.errors import QueryError

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)


def seconds(text: str | None, option: str) -> int | None:
    """Seconds since the epoch, UTC; None for None. Raises QueryError, naming the option, for anything else."""
    if text is None:
        return None
    found = _DATE.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError
        year, month, day = (int(part or 1) for part in found.groups())
        return int(datetime(year, month, day, tzinfo=UTC).timestamp())
    except ValueError:
        raise QueryError(
            f"{option}: {text!r} is not a date.", hint="Write it as 2024-03-31, 2024-03 or 2024."
        ) from None
