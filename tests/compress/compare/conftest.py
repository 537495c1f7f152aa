"""A judged collection of three documents."""

from __future__ import annotations

import json
from pathlib import Path

TEXTS = {"a": "the tide table of the harbour", "b": "a notice period of three months", "c": "ten bolts and a nut"}


def write_collection(folder: Path) -> Path:
    (folder / "qrels").mkdir(parents=True)
    lines = [json.dumps({"_id": name, "title": "", "text": text}) for name, text in TEXTS.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines))
    queries = [{"_id": "1", "text": "a notice period"}, {"_id": "2", "text": "ten bolts"}, {"_id": "3", "text": "no"}]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\tb\t1\n2\tc\t1\n")
    return folder
