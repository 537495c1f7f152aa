"""The candidates are in order; which k of them are shown, and what is told of each?"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.records import Hit, Hits, Why
from localsearch.search.checks import Checks
from localsearch.search.diversify import diversified, grouped
from localsearch.search.fold import copies
from localsearch.search.highlight import matched_spans
from localsearch.search.query import Query
from localsearch.search.ranked import Ranked

if TYPE_CHECKING:
    from localsearch.store.snapshot import Reader, StoredPassage
    from localsearch.store.sqlite import Connection


LOOK_AT = 40
"""Candidates whose texts are read, at least: of them those shown are chosen."""
ROWS_FOR_PAGES = frozenset({".xlsx", ".xls", ".ods", ".xlsm", ".xlsb", ".csv", ".tsv"})
"""Files whose `pages` are sheets: two rows of one sheet are two answers."""


def present(
    reader: Reader, connection: Connection, query: Query, ranked: Ranked, k: int, *, checks: Checks, group: bool
) -> Hits:
    """The first k candidates that may be shown, spread over pages and documents or one of each, copies last."""
    fit = _fit(reader, connection, ranked, checks, len(ranked.ids) if group else max(LOOK_AT, 4 * k))
    texts = copies(fit)
    documents = [passage.document_id for passage in fit]
    if group:
        places = grouped(documents, texts, k)
    else:
        places = diversified(documents, [_page(passage) for passage in fit], texts, k)
    hidden = _hidden(documents, texts, places, group=group)
    passages = Counter(documents)
    shown = [fit[place] for place in places]
    spans = matched_spans([passage.text for passage in shown], query)
    place_of = {passage: place for place, passage in enumerate(ranked.ids)}
    hits = [
        replace(
            _hit(passage, ranked.scores[place_of[passage.id]], marked, ranked.why(place_of[passage.id])),
            rank=rank,
            others=passages[passage.document_id] - 1 if group else 0,
            duplicates=hidden[texts[place]],
        )
        for rank, (place, passage, marked) in enumerate(zip(places, shown, spans, strict=True), start=1)
    ]
    return Hits(tuple(hits), checks.missing, checks.unreadable, checks.damaged + ranked.damaged, query.filters)


def _fit(reader: Reader, connection: Connection, ranked: Ranked, checks: Checks, most: int) -> list[StoredPassage]:
    """The first `most` candidates that may be shown."""
    there = (one for one, path in zip(ranked.ids, ranked.paths, strict=True) if checks.is_there(one, path))
    fit: list[StoredPassage] = []
    while len(fit) < most and (some := list(islice(there, most - len(fit)))):
        fit += [passage for passage in reader.passages(connection, some) if checks.is_intact(passage)]
    return fit


def _page(passage: StoredPassage) -> int | None:
    """The page that a reader turns to; None where there is none."""
    name = passage.member or os.fsdecode(passage.path)
    return None if os.path.splitext(name)[1].lower() in ROWS_FOR_PAGES else passage.page


def _hidden(documents: Sequence[int], texts: Sequence[int], places: Sequence[int], *, group: bool) -> Counter[int]:
    """How many copies of each text are not shown: passages, or documents none of whose passages is shown."""
    if not group:
        return Counter(texts) - Counter(texts[place] for place in places)
    shown = {documents[place] for place in places}
    return Counter(text for document, text in set(zip(documents, texts, strict=True)) if document not in shown)


def _hit(passage: StoredPassage, score: float, spans: tuple[tuple[int, int], ...], why: Why) -> Hit:
    words = tuple(dict.fromkeys(passage.text[start:end].lower() for start, end in spans))
    return Hit(
        rank=0,
        path=Path(os.fsdecode(passage.path)),
        member=passage.member,
        title=passage.title,
        page=passage.page,
        heading=passage.heading,
        score=score,
        text=passage.text,
        spans=spans,
        why=replace(why, words=words),
        passage=passage.id,
    )
