"""The FAISS file is a cache: searched when it is right, made again when it is not, never believed blindly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from localsearch.search.dense import dense_leg
from localsearch.store import cache
from localsearch.store.snapshot import Reader
from localsearch.store.writer import Writer
from tests.store.builders import DIM, new_index, put, stored, vector_of

TEXTS = [f"text number {number}" for number in range(300)]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = new_index(tmp_path / "index")
    with Writer(folder) as writer:
        put(writer, *(stored(f"{number}.txt", [text]) for number, text in enumerate(TEXTS)))
    return folder


def by_brute_force(folder: Path, query: np.ndarray, k: int, allowed: set[int] | None = None) -> list[int]:
    reader = Reader(folder)
    with reader.snapshot() as connection:
        rows = [
            (float(vector @ query), int(one))
            for ids, matrix in cache.stored_vectors(connection, DIM)
            for one, vector in zip(ids, matrix, strict=True)
            if allowed is None or one in allowed
        ]
    reader.close()
    return [one for _, one in sorted(rows, key=lambda row: -row[0])[:k]]


def search(folder: Path, query: np.ndarray, k: int, allowed: list[int] | None = None) -> list[int]:
    reader = Reader(folder)
    with reader.snapshot() as connection:
        vectors = reader.vectors(connection)
        limited = None if allowed is None else np.array(allowed, np.int64)
        found = dense_leg(vectors, query, k, limited).ids[:k].tolist()
    reader.close()
    return [int(one) for one in found]


def rebuilt(folder: Path, **options: int) -> None:
    with Writer(folder) as writer:
        cache.rebuild(writer, DIM, **options)


def is_used(folder: Path) -> bool:
    reader = Reader(folder)
    with reader.snapshot() as connection:
        used = reader.vectors(connection).cached is not None
    reader.close()
    return used


def test_search_is_exact_without_a_file_and_with_one(index: Path) -> None:
    query = vector_of("anything")
    expected = by_brute_force(index, query, 10)
    assert search(index, query, 10) == expected
    rebuilt(index)
    assert is_used(index)
    assert search(index, query, 10) == expected


def test_newer_passages_are_merged_and_gone_ones_left_out(index: Path) -> None:
    rebuilt(index)
    query = vector_of("a fresh text")
    nearest = by_brute_force(index, query, 30)
    with Writer(index) as writer:
        put(writer, stored("fresh.txt", ["a fresh text"]))
        gone = [f"/documents/{one - 1}.txt".encode() for one in nearest[:25]]
        writer.remove(gone)
    assert is_used(index), "a stale file is still used for what it covers"
    found = search(index, query, 10)
    assert found == by_brute_force(index, query, 10)
    assert not set(found) & set(nearest[:25])
    assert len(found) == 10, "never fewer than k while more exist"


def test_filters_come_before_ranking(index: Path) -> None:
    rebuilt(index)
    query = vector_of("anything")
    worst = by_brute_force(index, query, 300)[-5:]
    assert search(index, query, 10, sorted(worst)) == worst
    assert search(index, query, 10, []) == []


def test_an_inverted_file_finds_nearly_all_and_filters_exactly(index: Path) -> None:
    rebuilt(index, exact_up_to=100)
    query = vector_of("anything")
    assert len(set(search(index, query, 10)) & set(by_brute_force(index, query, 10))) >= 9
    worst = by_brute_force(index, query, 300)[-5:]
    assert set(search(index, query, 5, sorted(worst))) == set(worst)


@pytest.mark.parametrize("offset", [0, 100, -1])
def test_a_flipped_bit_is_noticed_and_the_stored_vectors_answer(index: Path, offset: int) -> None:
    rebuilt(index)
    file = next(index.glob("vectors-*.faiss"))
    content = bytearray(file.read_bytes())
    content[offset] ^= 1
    file.write_bytes(content)
    assert not is_used(index)
    query = vector_of("anything")
    assert search(index, query, 10) == by_brute_force(index, query, 10)


def test_a_missing_file_is_no_disaster(index: Path) -> None:
    rebuilt(index)
    next(index.glob("vectors-*.faiss")).unlink()
    query = vector_of("anything")
    assert search(index, query, 10) == by_brute_force(index, query, 10)


def test_without_room_for_the_file_the_stored_vectors_answer(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """/dev/full refuses the last bytes, which FAISS itself keeps quiet about."""
    real = Path.open

    def full(path: Path, mode: str = "r", *rest: object, **named: object) -> object:
        return real(Path("/dev/full") if path.name.endswith(".new") and mode == "wb" else path, mode, *rest, **named)

    with Writer(index) as writer:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", full)
            assert not cache.rebuild_if_due(writer, DIM)
        assert not list(index.glob("vectors-*"))
        assert cache.rebuild_if_due(writer, DIM)
        next(index.glob("vectors-*")).unlink()
        assert cache.is_due(writer), "a file that is lost is made again"


def test_a_new_file_is_due_when_a_tenth_is_outside(index: Path) -> None:
    with Writer(index) as writer:
        assert cache.is_due(writer)
        cache.rebuild(writer, DIM)
        assert not cache.is_due(writer)
        put(writer, *(stored(f"more {number}.txt", [f"more {number}"]) for number in range(20)))
        assert not cache.is_due(writer)
        writer.remove(f"/documents/{number}.txt".encode() for number in range(20))
        assert cache.is_due(writer)
    assert len(list(index.glob("vectors-*"))) == 1


def test_a_reader_keeps_its_snapshot_while_the_writer_goes_on(index: Path) -> None:
    rebuilt(index)
    reader = Reader(index)
    query = vector_of("text number 7")
    with reader.snapshot() as connection, Writer(index) as writer:
        before = reader.vectors(connection).generation
        writer.remove([b"/documents/7.txt"])
        cache.rebuild(writer, DIM)
        assert reader.vectors(connection).generation == before
        assert 8 in dense_leg(reader.vectors(connection), query, 1).ids
    with reader.snapshot() as connection:
        assert 8 not in dense_leg(reader.vectors(connection), query, 10).ids
    reader.close()


def test_a_file_that_goes_between_checking_and_mapping_is_no_disaster(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuilt(index)
    reader = Reader(index)
    with reader.snapshot() as connection:
        record = cache.read_record(connection)
    reader.close()
    assert record is not None

    def checked_then_gone(folder: Path, record: cache.CacheRecord) -> bool:
        (folder / record.file).unlink()
        return True

    monkeypatch.setattr(cache, "is_intact", checked_then_gone)
    assert cache.load(index, record) is None


def test_every_cached_passage_that_goes_leaves_a_tombstone_the_last_one_too(index: Path) -> None:
    rebuilt(index)
    last = len(TEXTS) - 1
    with Writer(index) as writer:
        writer.remove([stored(f"{number}.txt", [])[0].path for number in (0, last)])
        gone = [row[0] for row in writer.connection.execute("SELECT passage_id FROM tombstones ORDER BY 1")]
        assert gone == [1, len(TEXTS)]
    for number in (0, last):
        assert search(index, vector_of(TEXTS[number]), 5) == by_brute_force(index, vector_of(TEXTS[number]), 5)
