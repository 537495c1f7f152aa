"""The candidates are in order; which k of them are shown, and what is told of each?"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.records import Hit, Hits, Why
from localsearch.search.checks import Checks
from localsearch.search.diversify import diversified, grouped
from localsearch.search.fold import copies
from localsearch.search.highlight import matched_spans
from localsearch.search.query import Query

if TYPE_CHECKING:
    from localsearch.store.snapshot import Reader, StoredPassage
    from localsearch.store.sqlite import Connection


@dataclass(frozen=True, slots=True)
class Ranked:
    """All candidates in their final order, with what each leg said of them."""

    ids: list[int]
    scores: list[float]
    why: dict[int, Why]


def present(reader: Reader, connection: Connection, query: Query, ranked: Ranked, k: int, *, group: bool) -> Hits:
    """The first k candidates that may be shown, spread over documents or one of each, copies last."""
    checks = Checks(reader.setting(connection, "fingerprint"))
    fit = [passage for passage in reader.passages(connection, ranked.ids) if checks.passes(passage)]
    texts = copies(fit)
    documents = [passage.document_id for passage in fit]
    places = (grouped if group else diversified)(documents, texts, k)
    hidden = _hidden(documents, texts, places, group=group)
    passages = Counter(documents)
    shown = [fit[place] for place in places]
    spans = matched_spans([passage.text for passage in shown], query)
    scores = dict(zip(ranked.ids, ranked.scores, strict=True))
    hits = [
        replace(
            _hit(passage, scores[passage.id], marked, ranked.why[passage.id]),
            rank=rank,
            others=passages[passage.document_id] - 1 if group else 0,
            duplicates=hidden[texts[place]],
        )
        for rank, (place, passage, marked) in enumerate(zip(places, shown, spans, strict=True), start=1)
    ]
    return Hits(tuple(hits), checks.missing, checks.unreadable, checks.damaged, query.filters)


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
