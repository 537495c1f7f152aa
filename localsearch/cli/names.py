"""How paths, places inside files, numbers and times are written for people: the names of `localsearch.names`."""

from __future__ import annotations

from localsearch.names import count, moment, page_name, place, short, size

__all__ = ["count", "moment", "page_name", "place", "short", "size"]
