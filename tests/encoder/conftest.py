"""The tiny encoder, and changed copies of it with a card that fits."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localsearch.encoder.onnx import Encoder
from tests.conftest import TINY

Variant = Callable[..., Path]


@pytest.fixture(scope="session")
def tiny() -> Encoder:
    return Encoder.load(TINY, threads=2)


@pytest.fixture
def variant(tmp_path: Path) -> Variant:
    """variant(contents, **card): a copy of the tiny encoder with these files and card entries, sealed anew."""

    def make(contents: dict[str, bytes] | None = None, /, **entries: Any) -> Path:
        folder = tmp_path / "encoder"
        shutil.copytree(TINY, folder)
        card = json.loads((folder / "card.json").read_text())
        for name, content in (contents or {}).items():
            (folder / name).write_bytes(content)
            card["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        (folder / "card.json").write_text(json.dumps(card | entries))
        return folder

    return make
