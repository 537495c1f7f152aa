"""A flipped bit, a cut or a zeroed page: a search shows only true text, or says in one line what is wrong."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from localsearch import Index, LocalSearchError, Mode
from localsearch.store.writer import Writer
from tests.conftest import TINY
from tests.crash import driver

TEXTS = [
    f"Berth {number} takes ships of {number * 7} metres; the pilot boards at buoy {number}." for number in range(40)
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of known texts, closed."""
    folder = tmp_path_factory.mktemp("damage")
    (folder / "documents").mkdir()
    for number, text in enumerate(TEXTS):
        (folder / "documents" / f"{number:02}.txt").write_text(text)
    with Index.create(folder / "index", encoder=TINY) as index:
        index.add(folder / "documents", workers=1)
    return folder / "index"


def shown(index: Path) -> tuple[int, int]:
    """Searches in all modes: hits shown, and searches refused. Fails on a text that was never indexed."""
    hits = refused = 0
    try:
        opened = Index.open(index)
    except LocalSearchError:
        return 0, len(Mode)
    with opened:
        for mode in Mode:
            try:
                found = opened.search("which berth takes ships at buoy 12", k=40, mode=mode)
            except LocalSearchError:
                refused += 1
                continue
            assert {hit.text for hit in found} <= set(TEXTS), "a damaged text was shown"
            hits += len(found)
    return hits, refused


def damaged(sound: Path, folder: Path, name: str, change: object) -> Path:
    """A copy of the index with the bytes of one file changed."""
    copy = folder / "index"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(sound, copy)
    content = bytearray((copy / name).read_bytes())
    change(content)
    (copy / name).write_bytes(content)
    return copy


def test_flipped_bits_of_the_database_are_never_shown_as_text(sound: Path, tmp_path: Path) -> None:
    chance = random.Random(3)
    size = (sound / "localsearch.db").stat().st_size
    outcomes = set()
    for _ in range(150):
        place, bit = chance.randrange(size), chance.randrange(8)

        def flip(content: bytearray, place: int = place, bit: int = bit) -> None:
            content[place] ^= 1 << bit

        hits, refused = shown(damaged(sound, tmp_path, "localsearch.db", flip))
        outcomes.add("refused" if refused else "fewer" if hits < 3 * len(TEXTS) else "whole")
    assert "whole" in outcomes
    assert outcomes & {"refused", "fewer"}, "no flip was noticed: the test tests nothing"


def test_every_flipped_bit_of_a_text_is_noticed(sound: Path, tmp_path: Path) -> None:
    content = (sound / "localsearch.db").read_bytes()
    chance = random.Random(5)
    for text in chance.sample(TEXTS, 25):
        place = content.index(text.encode()) + chance.randrange(len(text))

        def flip(content: bytearray, place: int = place) -> None:
            content[place] ^= 1

        copy = damaged(sound, tmp_path, "localsearch.db", flip)
        with Index.open(copy) as index:
            hits = index.search("which berth takes ships at buoy 12", k=40, mode=Mode.SEMANTIC)
            assert (len(hits), hits.damaged) == (len(TEXTS) - 1, 1)


@pytest.mark.parametrize("name", ["localsearch.db", "vectors"])
@pytest.mark.parametrize("kind", ["half", "zeros", "nothing"])
def test_cut_and_zeroed_files(sound: Path, tmp_path: Path, name: str, kind: str) -> None:
    file = name if name.endswith(".db") else next(sound.glob("vectors-*.faiss")).name

    def change(content: bytearray) -> None:
        if kind == "zeros":
            page = max(content.find(TEXTS[20].encode()), 4096) // 4096 * 4096
            content[page : page + 4096] = bytes(4096)
        else:
            del content[len(content) // 2 if kind == "half" else 0 :]

    hits, refused = shown(damaged(sound, tmp_path, file, change))
    if name == "vectors":
        assert (hits, refused) == (2 * len(TEXTS) + 40, 0), "the stored vectors answer without the cache"
    else:
        assert refused or hits < 3 * len(TEXTS)


def test_a_held_lock_sends_every_other_writer_away(sound: Path, tmp_path: Path) -> None:
    copy = tmp_path / "index"
    shutil.copytree(sound, copy)
    command = [sys.executable, driver.__file__, "add", str(copy), str(tmp_path)]
    with Writer(copy):
        others = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(6)]
        outcomes = [(other.communicate()[1].strip(), other.returncode) for other in others]
    assert {code for _, code in outcomes} == {3}
    assert all(text.startswith("IndexBusy") and "\n" not in text for text, _ in outcomes)
