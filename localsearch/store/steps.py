"""Changing many rows when the disk may be full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from localsearch.store.sqlite import is_full, sqlite3, transaction

if TYPE_CHECKING:
    from localsearch.store.writer import Writer

Item = TypeVar("Item")


def in_steps(writer: Writer, items: Sequence[Item], change: Callable[[Sequence[Item]], None]) -> None:
    """Change all items in one transaction; on a full disk in several, each as large as there is room for.

    Between two of them the log is copied back, which frees its room. Inside a transaction there are no steps.
    """
    size, inside = len(items), writer.connection.in_transaction
    while items:
        try:
            with transaction(writer.connection):
                change(items[:size])
                writer.next_generation()
        except sqlite3.OperationalError as error:
            if inside or not is_full(error):
                raise
            if not writer.make_room():
                if size == 1:
                    raise
                size = max(1, size // 4)
            writer.checkpoint(patience=0)
        else:
            items = items[size:]
            if items and not inside:
                writer.checkpoint(patience=0)
