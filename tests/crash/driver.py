"""One change of an index in a process of its own, for tests that kill it or make its system calls fail.

    python driver.py {add,forget,use,rebuild,migrate,repair} INDEX PATH

Batches are small, so that a run of a second has many commits.
"""

from __future__ import annotations

import sys
from pathlib import Path

from localsearch import Index, LocalSearchError
from localsearch.errors import IndexNotFound
from localsearch.ingest import batch, switch
from localsearch.store import cache
from localsearch.store.sqlite import translated
from localsearch.store.writer import Writer

TINY = Path(__file__).parents[1] / "data" / "tiny_encoder"

batch.PASSAGES = 6
batch.STEP = 4
switch.CHUNK = 10


def main(action: str, folder: str, path: str) -> None:
    if action == "repair":
        Index.repair(folder, workers=1)
        return
    try:
        index = Index.open(folder)
    except IndexNotFound:
        index = Index.create(folder, encoder=TINY)
    with index:
        if action == "add":
            index.add(path, workers=1)
        elif action == "use":
            index.use_encoder(path)
        elif action == "forget":
            index.remove(path)
        elif action == "rebuild":
            with translated(index.folder), Writer(index.folder) as writer:
                cache.rebuild(writer, index.status().dim)
        elif action == "migrate":
            with Writer(index.folder):
                pass


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except LocalSearchError as error:
        print(f"{type(error).__name__}: {error.message}", file=sys.stderr)
        sys.exit(error.exit_code)
