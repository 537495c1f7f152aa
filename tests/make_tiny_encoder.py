"""Make tests/data/tiny_encoder: a seeded, untrained DistilBERT through the code that makes the default encoder.

    python tests/make_tiny_encoder.py      (needs the extra `compress` and the package with the original's vocabulary)

Nobody trained it, yet texts that share words come out close: what a token's vector says passes through mostly
unchanged, and positions weigh little.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from localsearch.compress.build import About, build
from localsearch.compress.source import find_source
from localsearch.encoder.card import TOKENIZER

TINY = Path(__file__).parent / "data" / "tiny_encoder"
PIECES = 3_000
"""The first ones of BERT's vocabulary: single characters of many scripts, then the 1,000 most frequent words."""
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
"""Continued as pieces of their own, so that every Latin word can be spelled."""


def main() -> None:
    from torch import manual_seed
    from transformers import DistilBertConfig, DistilBertModel

    manual_seed(7)
    with tempfile.TemporaryDirectory() as place:
        vocabulary = write_small_tokenizer(find_source(), Path(place))
        config = DistilBertConfig(
            vocab_size=vocabulary,
            max_position_embeddings=256,
            n_layers=2,
            n_heads=4,
            dim=32,
            hidden_dim=64,
            attn_implementation="eager",
        )
        model = DistilBertModel(config).eval()
        model.embeddings.position_embeddings.weight.data.mul_(0.1)
        about = About(
            name="tiny",
            licence="Apache-2.0",
            origin="random weights, seed 7; vocabulary: the beginning of BERT's",
            notice="Random weights. The vocabulary is part of BERT's (Apache License 2.0, Google).\n",
            max_tokens=256,
            command="python tests/make_tiny_encoder.py",
        )
        build(model, Path(place), about, exact=Path(place) / "float32", small=Path(place) / "int8")
        shutil.rmtree(TINY, ignore_errors=True)
        shutil.copytree(Path(place) / "int8", TINY)


def write_small_tokenizer(source: Path, folder: Path) -> int:
    """Write tokenizer.json with a small vocabulary to `folder`; the number of word pieces."""
    tokenizer = json.loads((source / TOKENIZER).read_text(encoding="utf-8"))
    known = tokenizer["model"]["vocab"]
    kept = [piece for piece, number in known.items() if number < PIECES and not piece.startswith("[unused")]
    kept += [f"##{letter}" for letter in LETTERS if f"##{letter}" not in kept]
    tokenizer["model"]["vocab"] = {piece: number for number, piece in enumerate(kept)}
    for special in tokenizer["added_tokens"]:
        special["id"] = kept.index(special["content"])
    for name, special in tokenizer["post_processor"]["special_tokens"].items():
        special["ids"] = [kept.index(name)]
    (folder / TOKENIZER).write_text(json.dumps(tokenizer), encoding="utf-8")
    return len(kept)


if __name__ == "__main__":
    main()
