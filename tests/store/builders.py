"""An index made by hand, with vectors that need no encoder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from localsearch.records import Block, BlockKind, Document, Passage
from localsearch.store.create import make_index
from localsearch.store.keys import content_key
from localsearch.store.words import WORDS_VERSION
from localsearch.store.writer import StoredDocument, StoredFile, Writer

DIM = 8
FINGERPRINT = "by hand"
SETTINGS = {
    "generation": "1",
    "encoder": "by hand",
    "encoder_folder": "",
    "fingerprint": FINGERPRINT,
    "dim": str(DIM),
    "passage_size": "200",
    "words": str(WORDS_VERSION),
    "updated": "0",
    "complete": "1",
}


def new_index(folder: Path) -> Path:
    make_index(folder, SETTINGS)
    return folder


def vector_of(text: str) -> np.ndarray:
    """A unit vector that depends on the text alone."""
    seed = int.from_bytes(content_key("", "", text)[:8], "little")
    vector = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    return vector / np.linalg.norm(vector)


def stored(name: str, texts: Sequence[str], *, shown: str | None = None) -> tuple[StoredFile, list[StoredDocument]]:
    """A file with one document and one passage per text."""
    path = os.fsencode(f"/documents/{name}")
    passages = tuple(Passage(text, "", 0, len(text)) for text in texts)
    document = Document(tuple(Block(BlockKind.PARAGRAPH, text) for text in texts))
    keys = tuple(content_key(FINGERPRINT, "", text) for text in texts)
    file = StoredFile(path, shown or os.fsdecode(path), "txt", 1, 1, content_key("", "", name), "1")
    return file, [StoredDocument(document, passages, keys)] if texts else []


def put(writer: Writer, *files: tuple[StoredFile, list[StoredDocument]]) -> None:
    """Store files with the vectors of their texts."""
    for _, documents in files:
        for document in documents:
            if document.passages:
                texts = [passage.text for passage in document.passages]
                writer.add_vectors(document.keys, np.stack([vector_of(text) for text in texts]))
    writer.replace(files)
