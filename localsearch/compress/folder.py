"""Writing an encoder folder: the model, its tokenizer, and the card that describes and seals them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localsearch.encoder.card import CARD, FORMAT, TOKENIZER
from localsearch.encoder.onnx import Encoder

CANONICAL = "The notice period is three months to the end of a quarter."
"""The sentence whose vector every card shows the beginning of."""


def write_tokenizer(source: Path, folder: Path) -> None:
    """Copy tokenizer.json without truncation and padding: the encoder cuts at the card's max_tokens, and pads never."""
    tokenizer = json.loads((source / TOKENIZER).read_text(encoding="utf-8"))
    tokenizer.update(truncation=None, padding=None)
    text = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (folder / TOKENIZER).write_text(text, encoding="utf-8")


def write_card(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write card.json: `facts`, sha256 and bytes of every file in the folder, and the canonical vector's beginning."""
    files = {path.name: _seal(path) for path in sorted(folder.iterdir()) if path.name != CARD}
    card = {"format": FORMAT, **facts, "files": files}
    _write(folder, card)
    vector = Encoder.load(folder, threads=1).encode_query(CANONICAL)
    beginning = [round(float(value), 4) for value in vector[:5]]
    _write(folder, card | {"canonical": {"text": CANONICAL, "first_values": beginning}})


def _write(folder: Path, card: Mapping[str, Any]) -> None:
    (folder / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _seal(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
