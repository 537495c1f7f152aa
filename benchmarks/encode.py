"""How many passages a second do the default encoder and sentence-transformers reach on the same texts?

Measured: encoding alone, from text to vectors, after a warm-up, in rounds that alternate between the two; the best
round of each counts, so that other work on the machine disturbs least. sentence-transformers runs the original
float32 weights as users run them: torch, batches of 32, all cores. Corpus: the project's sample documents, or the
Markdown and text files below a folder, split as `localsearch index` splits them.

    python benchmarks/encode.py [FOLDER] [--passages 300] [--rounds 3]      (needs the extra `compress`)
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from common import ROOT, save, wanted

from localsearch.compress.source import find_source
from localsearch.encoder.onnx import Encoder
from localsearch.ingest.split import split
from localsearch.records import Block, BlockKind, Document

SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "sample_docs")
    parser.add_argument("--passages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    encoder = Encoder.load()
    texts = passages(wanted(options.folder), encoder, options.passages)
    contestants = {"localsearch": encoder.encode_passages, "sentence-transformers": sentence_transformers(encoder)}
    load_before = os.getloadavg()[0]
    speeds = race(contestants, texts, options.rounds)
    lengths = sorted(len(encoder.token_offsets(text)) for text in texts)
    ours, theirs = (max(speeds[name]) for name in contestants)
    save(
        "encode",
        {
            "corpus": options.folder.name,
            "passages": len(texts),
            "word pieces": {"least": lengths[0], "median": lengths[len(lengths) // 2], "most": lengths[-1]},
            "passages per second": {name: [round(speed, 1) for speed in speeds[name]] for name in contestants},
            "ratio": round(ours / theirs, 2),
            "load before": round(load_before, 2),
            "versions": {name: version(name) for name in ("onnxruntime", "sentence-transformers", "torch")},
        },
    )


def passages(folder: Path, encoder: Encoder, number: int) -> list[str]:
    """Passages of the Markdown and text files below `folder`, drawn with a seed, as the encoder gets them."""
    found: list[str] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".md", ".txt") and path.is_file():
            document = Document(tuple(blocks(path.read_text(encoding="utf-8", errors="replace"))), title=path.stem)
            found += [passage.encoded_text for passage in split(document, encoder.token_offsets)]
    return random.Random(SEED).sample(found, min(number, len(found)))


def blocks(text: str) -> list[Block]:
    """Headings and paragraphs of Markdown, near enough for a mix of lengths."""
    parts = [part.strip() for part in text.split("\n\n")]
    return [Block(BlockKind.HEADING if part.startswith("#") else BlockKind.PARAGRAPH, part) for part in parts if part]


def sentence_transformers(encoder: Encoder) -> Callable[[Sequence[str]], object]:
    """The original weights in sentence-transformers, cut at the same number of tokens."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_source()), device="cpu", local_files_only=True)
    model.max_seq_length = encoder.max_tokens
    return lambda texts: model.encode(list(texts), show_progress_bar=False)


def race(
    contestants: dict[str, Callable[[Sequence[str]], object]], texts: Sequence[str], rounds: int
) -> dict[str, list[float]]:
    """Passages per second of each contestant in each round."""
    speeds: dict[str, list[float]] = {name: [] for name in contestants}
    for encode in contestants.values():
        encode(texts[:20])  # warm-up
    for _ in range(rounds):
        for name, encode in contestants.items():
            start = time.perf_counter()
            encode(texts)
            speeds[name].append(len(texts) / (time.perf_counter() - start))
    return speeds


if __name__ == "__main__":
    main()
