"""What is to be summarised: the passages of a file or folder with their vectors, as far as they may be shown."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from localsearch.errors import PathProblem, PathUnreadable
from localsearch.search.checks import Checks
from localsearch.search.filters import allowed, allowed_ids
from localsearch.store.catalogue import passages_below, skip_reason

if TYPE_CHECKING:
    from localsearch.records import Filters, Float32Matrix
    from localsearch.store.snapshot import Reader, StoredPassage
    from localsearch.store.sqlite import Connection

MOST_PASSAGES = 2_000
"""Compared with one another: time and memory grow with the square. Of more, an even sample is taken."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The passages to summarise, in order."""

    passages: list[StoredPassage]
    vectors: Float32Matrix
    """(n, dim), a row per passage."""
    total: int
    """How many there are, those left out included."""
    checks: Checks

    def documents(self) -> list[tuple[int, int]]:
        """First row, and one past the last, of each document."""
        spans, begin = [], 0
        for _, group in groupby(self.passages, key=lambda passage: passage.document_id):
            end = begin + len(list(group))
            spans.append((begin, end))
            begin = end
        return spans


def read_scope(reader: Reader, connection: Connection, path: bytes, member: str, filters: Filters) -> Scope:
    """The passages below `path` that pass the filters. Raises PathProblem when none is known or may be shown."""
    import numpy as np

    ids = known_passages(connection, path, member)
    clause = allowed(connection, filters)
    if clause is not None:
        fit = set(allowed_ids(connection, clause).tolist())
        ids = [one for one in ids if one in fit]
    total = len(ids)
    if total > MOST_PASSAGES:
        ids = [ids[place * total // MOST_PASSAGES] for place in range(MOST_PASSAGES)]
    checks = Checks(reader.setting(connection, "fingerprint"))
    passages = [passage for passage in reader.passages(connection, ids) if checks.passes(passage)]
    if ids and not passages:
        raise _may_not_be_shown(_name(path, member), checks)
    known = reader.candidates(connection, np.array([one.id for one in passages], np.int64))
    row = {passage: place for place, passage in enumerate(known.ids.tolist())}
    checks.add_damaged(one.id for one in passages if one.id not in row)
    passages = [passage for passage in passages if passage.id in row]
    return Scope(passages, known.vectors[[row[one.id] for one in passages]], total, checks)


def known_passages(connection: Connection, path: bytes, member: str) -> list[int]:
    """Ids of the passages below `path`, in order. Raises PathProblem when there are none, with the reason if known."""
    ids = passages_below(connection, path, member)
    if ids:
        return ids
    reason, name = skip_reason(connection, path), _name(path, member)
    if reason:
        raise PathProblem(f"The index holds no text of {name}: {reason}.")
    raise PathProblem(
        f"The index holds no text of {name}.", hint="Check the spelling, or `localsearch index` it first."
    )


def _may_not_be_shown(name: str, checks: Checks) -> PathProblem:
    if checks.unreadable:
        return PathUnreadable(f"{name} may not be read by you.", hint="Ask its owner for the right to read it.")
    if checks.missing:
        return PathProblem(f"{name} is gone.", hint="`localsearch index` brings the index up to date.")
    return PathProblem(f"The stored text of {name} is damaged.", hint="`localsearch doctor --repair` mends that.")


def _name(path: bytes, member: str) -> str:
    return f"{os.fsdecode(path)}: {member}" if member else os.fsdecode(path)
