"""Random damage: `doctor --full` finds all that could change what is shown or ranked, `--repair` mends it.

"Could change" is any difference in what SQLite reads of the database (every row of every table, every word at every
place and the lengths that BM25 uses) or in what a search shows. A flip in a free page or in unused bytes changes
neither.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from localsearch import Index, LocalSearchError, Mode
from localsearch.encoder.onnx import Encoder
from localsearch.records import Part
from localsearch.store import checksums
from localsearch.store.catalogue import read_roots
from localsearch.store.health import words
from localsearch.store.sqlite import connect, sqlite3
from localsearch.store.writer import Writer
from tests.conftest import TINY
from tests.crash.contents import check_invariants, contents

TEXTS = [
    f"Berth {number} takes ships of {number * 7} metres; the pilot boards at buoy {number}." for number in range(40)
]
QUERY = "which berth takes ships at buoy 12"
Change = Callable[[bytearray], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound index, and its documents beside it: titles, headings, several passages, one that is not in the cache."""
    folder = tmp_path_factory.mktemp("doctor")
    documents = folder / "documents"
    documents.mkdir()
    for number, text in enumerate(TEXTS):
        parts = [f"# Harbour {number}", *(f"## Part {part}\n\n{text}" for part in range(number % 3 + 1))]
        (documents / f"quay-{number:02}.md").write_text("\n\n".join(parts))
    with Index.create(folder / "index", encoder=TINY) as index:
        index.add(documents, workers=1)
        (documents / "late.md").write_text("# Late\n\nThe late berth has no buoy.")
        index.update(workers=1)
    return folder / "index"


@pytest.fixture(scope="module")
def fresh(sound: Path) -> list[tuple[object, ...]]:
    return contents(sound)


def damaged(sound: Path, folder: Path, name: str, change: Change) -> Path:
    copy = folder / "index"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(sound, copy)
    content = bytearray((copy / name).read_bytes())
    change(content)
    (copy / name).write_bytes(content)
    return copy


def flipped(chance: random.Random) -> Change:
    def flip(content: bytearray) -> None:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)

    return flip


def dump(index: Path) -> object:
    """All that SQLite reads of an index, or the failure."""
    try:
        with closing(connect(index / "localsearch.db", writable=False)) as connection:
            tables = [*checksums.COVERED, "tombstones", "_sqlite_migrations", "sqlite_sequence", "words_docsize"]
            rows: list[object] = [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
            connection.execute("CREATE VIRTUAL TABLE temp.all_words USING fts5vocab (main, words, instance)")
            rows.append(connection.execute("SELECT * FROM all_words").fetchall())
            rows.append(connection.execute("SELECT block FROM words_data WHERE id = 1").fetchall())
            rows += [connection.execute(f"PRAGMA {name}").fetchall() for name in ("user_version", "application_id")]
            return rows
    except (sqlite3.DatabaseError, ValueError, TypeError, OverflowError) as error:
        return type(error)


def answers(index: Path) -> list[object]:
    """What searches show in every mode, or that they refuse."""
    shown: list[object] = []
    for mode in Mode:
        for query in (QUERY, "harbour part", '"pilot boards"'):
            try:
                with Index.open(index) as opened:
                    hits = opened.search(query, k=20, mode=mode)
            except LocalSearchError as error:
                assert error.exit_code in (1, 2, 4)
                assert error.hint
                shown.append(str(error))
            else:
                shown.append(hits.hits)
    return shown


TOLD = ("path", "member", "title", "page", "heading", "text")


def true_hits(index: Path) -> set[tuple[object, ...]]:
    with Index.open(index) as opened:
        hits = opened.search("berth OR harbour", k=1000, mode=Mode.SEMANTIC)
        return {tuple(getattr(hit, name) for name in TOLD) for hit in hits}


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("name", "flips"), [("localsearch.db", 300), ("vectors", 40)])
def test_every_flipped_bit_that_could_change_something_is_found(
    sound: Path, tmp_path: Path, name: str, flips: int
) -> None:
    file = name if name.endswith(".db") else next(sound.glob("vectors-*.faiss")).name
    before, shown, true = dump(sound), answers(sound), true_hits(sound)
    assert not [one for one in Index.examine(sound, full=True) if one.damage]
    chance = random.Random(11)
    changed = found = 0
    for number in range(flips):
        copy = damaged(sound, tmp_path, file, flipped(chance))
        findings = [one for one in Index.examine(copy, full=True) if one.damage]
        now = answers(copy)
        for hits in now:
            if not isinstance(hits, str):
                assert {tuple(getattr(hit, name) for name in TOLD) for hit in hits} <= true, "a false hit was shown"
        if name == "vectors" or dump(copy) != before or now != shown:
            changed += 1
            found += bool(findings)
            assert findings, f"flip {number} changes what is read and was not found"
    assert changed >= flips // 10, "hardly any flip changed anything: the test tests nothing"
    assert found == changed


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that goes through the encoder from now on."""
    texts: list[str] = []
    plain = Encoder.encode_passages

    def counting(self: Encoder, some: Any) -> Any:
        texts.extend(some)
        return plain(self, some)

    monkeypatch.setattr(Encoder, "encode_passages", counting)
    return texts


def flip_at(place: int) -> Change:
    def flip(content: bytearray) -> None:
        content[place] ^= 4

    return flip


def place_of(index: Path, sought: bytes) -> int:
    return (index / "localsearch.db").read_bytes().index(sought)


def page_of(index: Path, table: str) -> int:
    with closing(connect(index / "localsearch.db", writable=False)) as connection:
        return int(connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [table]).fetchone()[0])


def zeroed(page: int) -> Change:
    def change(content: bytearray) -> None:
        content[(page - 1) * 4096 : page * 4096] = bytes(4096)

    return change


def check_mended(index: Path, fresh: list[tuple[object, ...]]) -> None:
    assert contents(index) == fresh
    check_invariants(index)
    assert not [one for one in Index.examine(index, full=True) if one.damage]


@pytest.mark.parametrize("what", ["text", "heading", "title", "path", "words", "setting", "cache", "root"])
def test_a_repair_encodes_nothing_where_the_vectors_survive(
    sound: Path, tmp_path: Path, fresh: list[tuple[object, ...]], encoded: list[str], what: str
) -> None:
    file, place = "localsearch.db", 0
    if what == "cache":
        file, place = next(sound.glob("vectors-*.faiss")).name, 900
    elif what == "words":
        place = (page_of(sound, "words_docsize") - 1) * 4096 + 4093
    else:
        value = {
            "text": TEXTS[7].encode(),
            "heading": b"Harbour 11Harbour 11",
            "title": b"Harbour 23",
            "path": b"quay-31.md",
            "setting": b"passage_size_wanted",
            "root": b'"hidden"',
        }[what]
        place = place_of(sound, value) + 4
    index = damaged(sound, tmp_path, file, flip_at(place))
    before = [one for one in Index.examine(index, full=True) if one.damage]
    done = Index.repair(index, encoder=TINY, workers=1)
    assert before
    assert encoded == []
    assert done.encoded == 0
    assert (done.copy == "") == (what == "cache")
    assert bool(done.lost) == (what == "root")
    check_mended(index, fresh)


def test_only_a_damaged_vector_is_encoded_again(
    sound: Path, tmp_path: Path, fresh: list[tuple[object, ...]], encoded: list[str]
) -> None:
    with closing(connect(sound / "localsearch.db", writable=False)) as connection:
        value, text = connection.execute(
            "SELECT value, text FROM vectors JOIN passages ON vector_id = vectors.id WHERE text LIKE '%Berth 12 %'"
        ).fetchone()
    index = damaged(sound, tmp_path, "localsearch.db", flip_at(place_of(sound, value) + 3))
    with Index.open(index) as opened:
        hits = opened.search(QUERY, mode=Mode.SEMANTIC, k=100)
        assert hits.damaged == 1
        assert text not in {hit.text for hit in hits}
    done = Index.repair(index, workers=1)
    assert (len(encoded), done.encoded, done.files_read) == (1, 1, 1)
    check_mended(index, fresh)


def cut(share: float) -> Change:
    def change(content: bytearray) -> None:
        del content[int(len(content) * share) // 4096 * 4096 :]

    return change


def swapped(content: bytearray) -> None:
    pages = [content[start : start + 4096] for start in range(0, len(content), 4096)]
    pages[20], pages[-3] = pages[-3], pages[20]
    content[:] = b"".join(pages)


@pytest.mark.parametrize("kind", ["passages", "documents", "files", "words_data", "first page", "swapped", "unlinked"])
def test_lost_pages_are_mended_without_encoding(
    sound: Path, tmp_path: Path, fresh: list[tuple[object, ...]], encoded: list[str], kind: str
) -> None:
    if kind == "unlinked":
        index = damaged(sound, tmp_path, "localsearch.db", lambda _: None)
        next(index.glob("vectors-*.faiss")).unlink()
    elif kind == "swapped":
        index = damaged(sound, tmp_path, "localsearch.db", swapped)
    else:
        page = 1 if kind == "first page" else page_of(sound, kind)
        index = damaged(sound, tmp_path, "localsearch.db", zeroed(page))
    answers(index)
    assert [one for one in Index.examine(index, full=True) if one.damage]
    done = Index.repair(index, encoder=TINY, workers=1)
    assert kind == "swapped" or encoded == []
    assert done.lost == ()
    check_mended(index, fresh)
    with Index.open(index) as opened:
        assert opened.complete, "nothing is left for `localsearch index` to finish"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_cut_database_is_mended(sound: Path, tmp_path: Path, fresh: list[tuple[object, ...]], share: float) -> None:
    index = damaged(sound, tmp_path, "localsearch.db", cut(share))
    answers(index)
    assert [one for one in Index.examine(index, full=True) if one.damage]
    done = Index.repair(index, encoder=TINY, workers=1)
    if done.lost:  # the page with the folders is gone as well; they are named again
        with Index.open(index) as opened:
            opened.add(sound.parent / "documents", workers=1)
    check_mended(index, fresh)


def test_a_run_under_way_was_not_interrupted(sound: Path, tmp_path: Path) -> None:
    index = damaged(sound, tmp_path, "localsearch.db", lambda _: None)
    with Writer(index) as writer:
        writer.begin([path for path, _ in read_roots(writer.connection)])
        assert Index.examine(index) == ()
    (found,) = Index.examine(index)
    assert (found.part, found.damage) == (Part.RUNS, False)


def test_a_sound_index_is_left_alone(sound: Path, tmp_path: Path) -> None:
    index = damaged(sound, tmp_path, "localsearch.db", lambda _: None)
    before = {entry.name: entry.read_bytes() for entry in index.iterdir() if not entry.name.endswith("-shm")}
    done = Index.repair(index)
    assert (done.findings, done.copy) == ((), "")
    after = {entry.name: entry.read_bytes() for entry in index.iterdir() if not entry.name.endswith("-shm")}
    assert after == before


def test_what_was_replaced_is_kept_until_something_is_forgotten(sound: Path, tmp_path: Path) -> None:
    index = damaged(sound, tmp_path, "localsearch.db", flip_at(place_of(sound, TEXTS[7].encode()) + 4))
    bytes_before = (index / "localsearch.db").read_bytes()
    done = Index.repair(index, workers=1)
    copy = index / done.copy
    assert (copy / "localsearch.db").read_bytes() == bytes_before
    assert copy.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in copy.iterdir()} == {0o600}
    with Index.open(index) as opened:
        opened.remove(sound.parent / "documents" / "late.md")
    assert not copy.exists()


@pytest.mark.parametrize("moment", ["salvage", "keep_copy", "_empty_log"])
def test_a_killed_repair_leaves_the_old_state(
    sound: Path, tmp_path: Path, fresh: list[tuple[object, ...]], moment: str
) -> None:
    index = damaged(sound, tmp_path, "localsearch.db", flip_at(place_of(sound, TEXTS[7].encode()) + 4))
    before = dump(index)
    code = f"""
import os, sys
from localsearch import Index
from localsearch.store.health import repair
made = repair.{moment}
def die(*arguments):
    made(*arguments)
    os._exit(9)
repair.{moment} = die
Index.repair(sys.argv[1], workers=1)
"""
    assert subprocess.run([sys.executable, "-c", code, str(index)], check=False).returncode == 9
    assert dump(index) == before
    Index.repair(index, workers=1)
    check_mended(index, fresh)


def test_a_comparison_that_does_not_look_at_words_misses_flips(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: FTS5's own check does not see a word that became another."""
    place = (page_of(sound, "words_docsize") - 1) * 4096 + 4093
    index = damaged(sound, tmp_path, "localsearch.db", flip_at(place))
    assert {one.part for one in Index.examine(index, full=True) if one.damage} == {Part.WORDS}
    monkeypatch.setattr(words, "_compare", lambda connection: ())
    assert not [one for one in Index.examine(index, full=True) if one.damage]
