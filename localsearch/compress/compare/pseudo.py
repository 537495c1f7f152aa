"""Questions to your own documents that nobody had to write.

Inverse cloze task (Lee, Chang and Toutanova, ACL 2019): a sentence is taken out of a passage and becomes the query,
and the passage without it is the one to find. It is no real question, but it is the user's own language, and which of
two encoders finds more of the passages tells which one suits these documents.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from localsearch.errors import QueryError
from localsearch.evaluate import Dataset
from localsearch.records import Block, BlockKind, Document, IndexedPassage
from localsearch.sentences import sentences

QUERIES = 200
PASSAGES = 2_000
"""Drawn from the index; those that queries come from are among them."""
SHORTEST, LONGEST = 30, 300
"""Characters of a sentence that can be a query."""
LEAST_LEFT = 100
"""Characters that must be left of a passage when the sentence is gone."""
SEED = 7


def pseudo_dataset(passages: Sequence[IndexedPassage], *, queries: int = QUERIES, seed: int = SEED) -> Dataset:
    """A judged collection made of `passages`. Raises QueryError when none of them has sentences enough."""
    chance = random.Random(seed)  # noqa: S311  # drawn, not kept secret
    different = list({passage.text: passage for passage in passages}.values())  # of copies, which one would be right?
    documents = {str(passage.id): _document(passage.context, passage.text) for passage in different}
    questions: dict[str, str] = {}
    for passage in chance.sample(different, len(different)):
        if len(questions) == queries:
            break
        if found := _take_out(passage.text, chance):
            name = str(passage.id)
            questions[name], rest = found
            documents[name] = _document(passage.context, rest)
    if not questions:
        raise QueryError(
            "The index holds no passage with sentences enough to make queries of.",
            hint="Name a judged collection with --beir.",
        )
    return Dataset(documents, questions, {name: {name: 1} for name in questions})


def _document(context: str, text: str) -> Document:
    """A passage as a document; the first line of its context (title, headings) is the title."""
    return Document((Block(BlockKind.PARAGRAPH, text),), title=context.partition("\n")[0])


def _take_out(text: str, chance: random.Random) -> tuple[str, str] | None:
    """A sentence of the text and the text without it; None when there is none fit for it."""
    places = [
        (start, end)
        for start, end in sentences(text)
        if SHORTEST <= end - start <= LONGEST and len(text) - (end - start) >= LEAST_LEFT
    ]
    if not places:
        return None
    start, end = chance.choice(places)
    return " ".join(text[start:end].split()), f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()
