"""What was judged must not be learned: texts that share a row of words with an evaluation collection are found here.

Letters of scripts that put no spaces between words count as one word each.

    python benchmarks/overlap.py TARGET SOURCE.jsonl ... [--shared FOLDER] [--most TEXTS]

writes every source to the folder TARGET without such texts, with at most so many of them, drawn from all of it.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from common import SHARED, wanted

IN_A_ROW = 13
WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")


def judged_rows(shared: Path) -> frozenset[int]:
    """Every row of words of all that is judged in the folder of shared data, as hashes of this process."""
    rows: set[int] = set()
    for text in judged_texts(shared / "data"):
        rows |= rows_of(text)
    return frozenset(rows)


def judged_texts(data: Path) -> Iterator[str]:
    """Collections in BEIR layout with their queries, questions with their answers, the handbooks, the reports."""
    for path in sorted([*data.glob("beir/*/*.jsonl"), *data.glob("questions/*.jsonl")]):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield from _strings(json.loads(line))
    for path in sorted(data.glob("handbooks/**/*.md")):
        yield path.read_text(encoding="utf-8", errors="replace")
    for path in sorted(data.glob("financebench/**/*.pdf")):
        yield subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True, text=True).stdout


def rows_of(text: str, count: int = IN_A_ROW) -> set[int]:
    words = WORD.findall(text.lower())
    return {hash(tuple(words[at : at + count])) for at in range(len(words) - count + 1)}


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", type=Path)
    parser.add_argument("sources", type=Path, nargs="+")
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--most", type=int, default=2_000)
    options = parser.parse_args()
    options.target.mkdir(parents=True, exist_ok=True)
    judged = judged_rows(wanted(options.shared))
    for source in options.sources:
        lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
        drawn = lines[:: len(lines) // options.most + 1]
        kept = [line for line in drawn if not any(judged & rows_of(text) for text in _strings(json.loads(line)))]
        (options.target / source.name).write_text("".join(kept), encoding="utf-8")
        print(f"{source.name}: {len(kept)} texts, {len(drawn) - len(kept)} judged", flush=True)


if __name__ == "__main__":
    main()
