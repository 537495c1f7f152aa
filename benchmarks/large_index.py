"""Make an index of many passages out of a real one: each new passage is half of one and half of another.

Words keep their frequencies and vectors their spread, as copies would not; what a passage says has no sense. For timing
only: `query_time.py` and `tui.py` ask such an index.

    python benchmarks/large_index.py SOURCE TARGET [--passages N]
"""

from __future__ import annotations

import argparse
import random
import shutil
from pathlib import Path, PurePosixPath

import numpy as np

from localsearch.store import cache
from localsearch.store.catalogue import read_settings
from localsearch.store.keys import content_key
from localsearch.store.sqlite import transaction
from localsearch.store.words import index_text
from localsearch.store.writer import Writer

SEED = 7
NOISE = 0.02
"""Standard deviation of what is added to each number of a vector, so that no two are equal."""


def make(source: Path, target: Path, passages: int) -> None:
    """Copy the index at `source` to `target` and add passages until there are so many."""
    shutil.copytree(source, target)
    with Writer(target) as writer:
        settings = read_settings(writer.connection)
        with transaction(writer.connection):
            add(writer, settings["fingerprint"], passages)
            writer.next_generation()
        cache.rebuild(writer, int(settings["dim"]))


def add(writer: Writer, fingerprint: str, passages: int) -> None:
    rows = writer.connection.execute(
        "SELECT document_id, page, heading, context, text, vectors.value, files.shown FROM passages"
        " JOIN vectors ON vectors.id = vector_id JOIN documents ON documents.id = document_id"
        " JOIN files ON files.id = file_id"
    ).fetchall()
    chance, noise = random.Random(SEED), np.random.default_rng(SEED)
    count = len(rows)
    while count < passages:
        (document, page, heading, context, first, one, shown), (*_, second, other, _) = chance.sample(rows, 2)
        left, right = first.split(" "), second.split(" ")
        text = " ".join(left[: len(left) // 2] + right[len(right) // 2 :])
        mixed = np.frombuffer(one, "<f2").astype(np.float32) + np.frombuffer(other, "<f2")
        mixed += noise.normal(0.0, NOISE, len(mixed))
        value = (mixed / np.linalg.norm(mixed)).astype("<f2").tobytes()
        key = content_key(fingerprint, context, text)
        if not writer.missing([key]) or not text.strip():
            continue
        execute = writer.connection.execute
        vector = execute("INSERT INTO vectors (key, value) VALUES (?, ?)", [key, value]).lastrowid
        passage = execute(
            "INSERT INTO passages (document_id, vector_id, ordinal, start, end, page, heading, context, text)"
            " VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?)",
            [document, vector, count, len(text), page, heading, context, text],
        ).lastrowid
        execute(
            "INSERT INTO words (rowid, text, context, name) VALUES (?, ?, ?, ?)",
            [passage, index_text(text), index_text(context), index_text(PurePosixPath(shown).stem)],
        )
        count += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--passages", type=int, default=100_000)
    arguments = parser.parse_args()
    make(arguments.source, arguments.target, arguments.passages)


if __name__ == "__main__":
    main()
