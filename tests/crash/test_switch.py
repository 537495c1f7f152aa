"""Changing the encoder: killed anywhere, the index has one encoder with its own vectors; the next run completes it."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from localsearch import Index
from tests.conftest import TINY
from tests.crash.contents import check_invariants, contents
from tests.crash.faults import command, drive
from tests.crash.moments import killed_after, undisturbed


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another encoder: the tiny one behind a prefix."""
    folder = tmp_path_factory.mktemp("encoders") / "second"
    shutil.copytree(TINY, folder)
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | {"passage_prefix": "passage: ", "name": "second"}))
    return folder


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    documents = tmp_path_factory.mktemp("documents")
    for number in range(40):
        (documents / f"report{number}.md").write_text(f"# Harbour {number}\n\nThe office opens at {number}. " * 3)
    folder = tmp_path_factory.mktemp("indexed") / "index"
    with Index.create(folder, encoder=TINY) as index:
        index.add(documents, workers=1)
    return folder


@pytest.fixture(scope="module")
def switched(indexed: Path, second: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """What an undisturbed change leaves."""
    folder = tmp_path_factory.mktemp("switched") / "index"
    shutil.copytree(indexed, folder)
    drive("use", folder, second)
    return contents(folder)


def test_random_kills_leave_one_encoder_and_lose_nothing(
    indexed: Path, second: Path, switched: list[tuple[object, ...]], tmp_path: Path
) -> None:
    chance, index = random.Random(5), tmp_path / "index"
    shutil.copytree(indexed, index)
    whole, killed = undisturbed(command("use", index, second)), 0
    for number in range(24):
        if number % 4 == 0:
            shutil.rmtree(index)
            shutil.copytree(indexed, index)
        killed += killed_after(command("use", index, second), chance.uniform(0.2, 1.0) * whole)
        check_invariants(index)
    assert killed >= 8, "the kills must hit the run"
    drive("use", index, second)
    assert contents(index) == switched
    assert not list(index.glob("*.new"))


def test_an_indexing_run_in_between_keeps_what_is_encoded(indexed: Path, second: Path, tmp_path: Path) -> None:
    index, documents = tmp_path / "index", tmp_path / "more"
    shutil.copytree(indexed, index)
    documents.mkdir()
    (documents / "new.md").write_text("# Cranes\n\nA crane lifts ten tons.")
    with Index.open(index) as opened:
        with pytest.raises(KeyboardInterrupt):
            opened.use_encoder(second, progress=_interrupt)
        opened.add(documents, workers=1)
        opened.remove(documents)
        done = opened.use_encoder(second)
    assert done.encoded < done.passages
    check_invariants(index)


def _interrupt(done: int, total: int, seconds: float) -> None:
    raise KeyboardInterrupt
