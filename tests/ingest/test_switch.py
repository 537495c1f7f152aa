"""Changing an index to another encoder: search results, other dimensions, windows, open readers, what stays behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from localsearch import Index
from localsearch.errors import EncoderError, IndexMismatch
from localsearch.ingest.split import fitting_size
from localsearch.records import Mode
from tests.conftest import TINY


def variant(folder: Path, **entries: object) -> Path:
    """The tiny encoder with other entries on its card."""
    shutil.copytree(TINY, folder)
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | entries))
    return folder


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "lease.md").write_text("# Lease\n\nThe tenant gives three months of notice to the landlord.")
    (folder / "hotel.md").write_text("# Hotel\n\nA room may cost 150 euros a night.")
    (folder / "long.md").write_text(
        "# Long\n\n" + " ".join(f"The harbour office number {at} opens at nine and closes at five." for at in range(30))
    )
    return folder


@pytest.fixture
def index(tmp_path: Path, documents: Path) -> Path:
    folder = tmp_path / "index"
    with Index.create(folder, encoder=TINY) as made:
        made.add(documents, workers=1)
    return folder


def cosines(index: Index, text: str) -> list[tuple[str, float | None, float | None]]:
    hits = index.search(text, mode=Mode.SEMANTIC)
    return [(hit.path.name, round(hit.why.cosine or 0, 3), round(hit.why.name or 0, 3)) for hit in hits]


def test_the_index_is_as_if_made_with_the_new_encoder(index: Path, documents: Path, tmp_path: Path) -> None:
    second = variant(tmp_path / "second", passage_prefix="passage: ", query_prefix="query: ")
    with Index.open(index) as changed, Index.create(tmp_path / "fresh", encoder=second) as fresh:
        fresh.add(documents, workers=1)
        before = cosines(changed, "notice of the tenant")
        done = changed.use_encoder(second)
        after = cosines(changed, "notice of the tenant")
        assert after == cosines(fresh, "notice of the tenant") != before
        assert done.encoded == done.passages > 2 and not done.split_again
        status = changed.status()
        assert status.fingerprint == fresh.status().fingerprint
        assert status.cached == status.passages, "the FAISS file was made anew"
        assert changed.update(workers=1).encoded == 0
    with Index.open(index) as again:
        assert cosines(again, "notice of the tenant") == after


def test_vectors_of_another_length(index: Path) -> None:
    with Index.open(index) as opened:
        opened.use_encoder(None)
        assert opened.status().dim == 384
        assert opened.search("price of accommodation")[0].path.name == "hotel.md"
        opened.use_encoder(TINY)
        assert opened.status().dim == 32
        opened.search("a room")


def test_an_index_that_another_program_has_open_takes_the_new_encoder(index: Path) -> None:
    with Index.open(index) as reader:
        reader.search("a room")
        with Index.open(index) as writer:
            writer.use_encoder(None)
        hits = reader.search("price of accommodation", explain=True)
        assert hits[0].path.name == "hotel.md" and hits[0].why.explanation
        assert reader.update(workers=1).encoded == 0


def test_no_vector_of_the_old_encoder_stays(index: Path, tmp_path: Path) -> None:
    with Index.open(index) as opened:
        passages, files = opened.status().passages, 3
        opened.use_encoder(variant(tmp_path / "second", passage_prefix="p: "))
        with opened._reader.snapshot() as connection:
            stored = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
            assert stored == passages + files, "one for each passage and each name"
            assert connection.execute("SELECT count(*) FROM settings WHERE key = 'next_fingerprint'").fetchone()[0] == 0


def test_interrupted_it_goes_on_and_the_old_encoder_serves_until_then(index: Path, tmp_path: Path) -> None:
    second = variant(tmp_path / "second", passage_prefix="p: ")
    with Index.open(index) as opened:
        before = cosines(opened, "a room")
        with pytest.raises(KeyboardInterrupt):
            opened.use_encoder(second, progress=_interrupt)
        assert cosines(opened, "a room") == before
        done = opened.use_encoder(second)
        assert done.encoded < done.passages, "what was encoded before is kept"


def _interrupt(done: int, total: int, seconds: float) -> None:
    assert 0 < done <= total and seconds >= 0
    raise KeyboardInterrupt


def test_a_forgotten_file_leaves_nothing_for_the_next_encoder(index: Path, documents: Path, tmp_path: Path) -> None:
    second = variant(tmp_path / "second", passage_prefix="p: ")
    with Index.open(index) as opened:
        with pytest.raises(KeyboardInterrupt):
            opened.use_encoder(second, progress=_interrupt)
        opened.remove(documents)
        with opened._reader.snapshot() as connection:
            assert connection.execute("SELECT count(*) FROM vectors").fetchone()[0] == 0


def test_a_small_window_makes_smaller_passages_and_a_large_one_brings_them_back(index: Path, tmp_path: Path) -> None:
    small = variant(tmp_path / "small", max_tokens=128)
    with Index.open(index) as opened:
        before = opened.status().passages
        done = opened.use_encoder(small)
        assert done.cut > 0 and done.split_again and done.passage_size == 72
        opened.update(workers=1)
        assert opened.status().passages > before
        assert opened.use_encoder(TINY).passage_size == 200
        opened.update(workers=1)
        assert opened.status().passages == before


@pytest.mark.parametrize(
    ("wanted", "window", "size"),
    [(200, 256, 200), (200, 512, 200), (400, 256, 400), (200, 128, 72), (50, 128, 50), (200, 64, 50)],
)
def test_the_size_that_fits(wanted: int, window: int, size: int) -> None:
    assert fitting_size(wanted, window) == size


def test_an_encoder_that_cannot_be_used_changes_nothing(index: Path, tmp_path: Path) -> None:
    broken = variant(tmp_path / "broken")
    (broken / "model.onnx").write_bytes(b"")
    with Index.open(index) as opened:
        with pytest.raises(EncoderError):
            opened.use_encoder(broken)
        assert opened.search("a room")


def test_the_same_encoder_in_another_folder_encodes_nothing(index: Path, tmp_path: Path) -> None:
    moved = variant(tmp_path / "moved")
    with Index.open(index) as opened:
        assert opened.use_encoder(moved).encoded == 0
    shutil.rmtree(moved)
    with Index.open(index) as opened, pytest.raises((EncoderError, IndexMismatch)):
        opened.search("a room")
