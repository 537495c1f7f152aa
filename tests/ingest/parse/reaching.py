"""The real worker whose parser opens the file that the document names: through Python, and through the library.

The library works in threads that are older than the last step of the seal.
"""

from __future__ import annotations

import json
from typing import Any

import kreuzberg

from localsearch.ingest.parse import worker
from localsearch.ingest.parse.source import Source
from localsearch.records import Block, BlockKind, Document, Parsed


def main(start: dict[str, Any]) -> None:
    vars(worker)["read"] = _reach
    worker.main(start)


def _reach(source: Source) -> Parsed:
    path = source.data.decode()
    text = json.dumps({way: _outcome(way, path) for way in WAYS})
    return Parsed((Document((Block(BlockKind.PARAGRAPH, text),)),), type="txt")


def _outcome(way: str, path: str) -> str:
    try:
        return WAYS[way](path)
    except Exception as error:
        return f"refused: {type(error).__name__}"


def _python(path: str) -> str:
    with open(path) as file:
        return file.read()


WAYS = {
    "python": _python,
    "library": lambda path: kreuzberg.extract_file_sync(path, "text/plain").content,
    "library, many": lambda path: kreuzberg.batch_extract_files_sync([path])[0].content,
}
