"""The Python API over real files: what is added is found, what changed is read again, what is gone is forgotten."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from localsearch import Explanation, Filters, Index, IndexedPassage, Mode, Progress
from localsearch.encoder.onnx import Encoder
from localsearch.errors import (
    EncoderError,
    IndexBusy,
    IndexMismatch,
    IndexNotFound,
    PathProblem,
    QueryError,
    StorageError,
)
from localsearch.ingest.discover import Scope
from localsearch.search import like, searcher
from localsearch.search.rank import Ranker
from localsearch.store import erase
from localsearch.store.sqlite import connect
from localsearch.store.writer import Writer
from tests.conftest import TINY

HARBOUR = (
    "# Harbour rules\n\nThe harbour office opens at seven. Ships report to the harbour master on channel twelve.\n"
)
LEASE = "# Lease\n\nThe tenant gives six months of notice. The rent is due on the first day of each month.\n"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    (folder / "contracts").mkdir(parents=True)
    (folder / "harbour.md").write_text(HARBOUR)
    (folder / "contracts" / "lease.md").write_text(LEASE)
    return folder


@pytest.fixture
def index(tmp_path: Path, documents: Path) -> Iterator[Index]:
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(documents, workers=1)
        yield index


def names(index: Index, text: str, **options: object) -> list[str]:
    return [hit.path.name for hit in index.search(text, **options)]


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that reach the encoder."""
    seen: list[str] = []
    original = Encoder.encode_passages

    def spy(self: Encoder, texts: list[str]) -> object:
        seen.extend(texts)
        return original(self, texts)

    monkeypatch.setattr(Encoder, "encode_passages", spy)
    return seen


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_finds_the_words(index: Index, mode: Mode) -> None:
    hit = index.search("harbour master channel", mode=mode)[0]
    assert hit.path.name == "harbour.md"
    assert hit.rank == 1
    assert 0 <= hit.score <= 1
    assert [hit.text[start:end].lower() for start, end in hit.spans][:1] == ["harbour"]
    assert (hit.why.cosine is None) == (mode is Mode.KEYWORD)
    assert (hit.why.bm25 is None) == (mode is Mode.SEMANTIC)


def test_a_second_run_reads_and_encodes_nothing(index: Index, encoded: list[str]) -> None:
    report = index.update(workers=1)
    assert (report.added, report.changed, report.unchanged, report.encoded) == (0, 0, 2, 0)
    assert encoded == []


def test_touched_files_are_compared_by_content(index: Index, documents: Path, encoded: list[str]) -> None:
    os.utime(documents / "harbour.md", (1, 1))
    assert index.update(workers=1).unchanged == 2
    assert index.update(workers=1).unchanged == 2
    assert encoded == []


def test_a_changed_file_is_replaced(index: Index, documents: Path) -> None:
    (documents / "harbour.md").write_text(HARBOUR.replace("harbour", "airport"))
    report = index.update(workers=1)
    assert (report.changed, report.unchanged) == (1, 1)
    assert names(index, "airport", mode=Mode.KEYWORD) == ["harbour.md"]
    text = index.search("channel twelve", mode=Mode.KEYWORD)[0].text
    assert "airport" in text
    assert "harbour" not in text


def test_renamed_and_copied_files_are_not_encoded_again(index: Index, documents: Path, encoded: list[str]) -> None:
    (documents / "harbour.md").rename(documents / "port.md")
    shutil.copytree(documents / "contracts", documents / "copies")
    report = index.update(workers=1)
    assert (report.added, report.removed, report.encoded) == (2, 1, 0)
    assert sorted(encoded) == ["copies lease", "port"]  # the names alone
    assert names(index, "harbour master", mode=Mode.KEYWORD) == ["port.md"]


def test_removed_files_disappear(index: Index, documents: Path) -> None:
    (documents / "harbour.md").unlink()
    hits = index.search("harbour master", mode=Mode.KEYWORD)
    assert list(hits) == []
    assert hits.missing == 1, "a file that is gone is counted, not shown"
    assert index.update(workers=1).removed == 1
    assert index.search("harbour master", mode=Mode.KEYWORD).missing == 0


def test_a_root_that_is_not_there_keeps_what_is_known(index: Index, documents: Path) -> None:
    documents.rename(documents.with_name("unplugged"))
    report = index.update(workers=1)
    assert report.removed == 0
    assert "not there" in report.warnings[0]
    assert not index.status().roots[0].present
    documents.with_name("unplugged").rename(documents)
    assert names(index, "harbour master", mode=Mode.KEYWORD) == ["harbour.md"]


def test_adding_a_folder_inside_a_root_forgets_nothing_else(index: Index, documents: Path) -> None:
    report = index.add(documents / "contracts", workers=1)
    assert report.removed == 0
    assert "that part of it was brought up to date" in report.warnings[0]
    assert len(index.status().roots) == 1
    assert index.update(workers=1).removed == 0


def test_forgetting_removes_bytes_and_lasts(index: Index, documents: Path) -> None:
    assert index.remove(documents / "contracts") == 1
    found = [entry.name for entry in index.folder.iterdir() if b"tenant gives" in entry.read_bytes()]
    assert found == []
    assert index.update(workers=1).added == 0, "a forgotten folder stays out of later runs"
    assert index.remove(documents) == 1
    assert index.status().roots == ()
    with pytest.raises(PathProblem, match="knows nothing"):
        index.remove(documents)


def test_a_forgotten_name_stands_nowhere_and_new_options_do_not_bring_it_back(index: Index, documents: Path) -> None:
    (documents / "zanzibarquux draft.md").write_text("# Notes\n\nThe ferry leaves at nine.")
    assert index.update(workers=1).added == 1
    assert index.remove(documents / "zanzibarquux draft.md") == 1
    assert [entry.name for entry in index.folder.iterdir() if b"zanzibarquu" in entry.read_bytes()] == []
    assert index.update(workers=1).added == 0
    assert index.add(documents, scope=Scope(exclude=("*.log",)), workers=1).added == 0, "new options"
    assert index.add(documents / "zanzibarquux draft.md", workers=1).added == 1, "named itself it is wanted again"
    assert index.remove(documents / "zanzibarquux draft.md") == 1, "a file that is a root, inside another root"
    assert index.update(workers=1).added == 0
    assert len(index.status().roots) == 1
    assert index.remove(documents) == 2
    assert index.add(documents, workers=1).added == 3, "a root that was forgotten whole begins anew"


@pytest.mark.parametrize("options", [None, Scope(hidden=True)], ids=["merged", "beside"])
def test_what_an_inner_folder_has_forgotten_stays_out_of_an_outer_one(
    index: Index, documents: Path, options: Scope | None
) -> None:
    """Whether the inner folder becomes a part of the outer one or, with other options, stays beside it."""
    lease = documents / "contracts" / "lease.md"
    assert index.remove(lease) == 1
    for _ in range(2):
        index.add(documents.parent, scope=options, workers=1)
        assert names(index, "tenant", mode=Mode.KEYWORD) == []
    assert index.update(workers=1).added == 0
    assert [entry.name for entry in index.folder.iterdir() if b"lease" in entry.read_bytes()] == []
    index.add(lease, workers=1)
    assert names(index, "tenant", mode=Mode.KEYWORD) == ["lease.md"], "named itself it is wanted again"


def test_a_part_that_was_interrupted_leaves_its_folder_incomplete(index: Index, documents: Path) -> None:
    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    part = documents / "contracts"
    (part / "new.md").write_text("# New\n\nThe quay is closed.\n")
    with pytest.raises(KeyboardInterrupt):
        index.add(part, workers=1, progress=interrupt)
    assert [root.complete for root in index.status().roots] == [False] and not index.complete
    index.add(part, workers=1)
    assert not index.complete, "the rest of the folder was not looked at"
    index.update(workers=1)
    assert index.complete


def test_forgetting_again_finishes_what_was_interrupted(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(erase, "scrub", interrupt)
        index.remove(documents / "contracts")
    assert index.status().erasing
    assert index.remove(documents / "contracts") == 0
    assert not index.status().erasing
    with Index.open(index.folder) as other, pytest.raises(PathProblem, match="knows nothing"):
        other.remove(documents / "contracts")


def test_opening_finishes_what_was_interrupted(index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch, pytest.raises(StorageError, match="Input/output"):
        patch.setattr(erase, "sync_folder", refuse)
        index.remove(documents / "contracts")
    with Index.open(index.folder) as other:
        assert other.erased_before
        assert not other.status().erasing
        assert other.remove(documents / "contracts") == 0
    with Index.open(index.folder) as other:
        assert not other.erased_before


def test_a_scope_is_remembered(tmp_path: Path, documents: Path) -> None:
    with Index.create(tmp_path / "other", encoder=TINY) as index:
        assert index.add(documents, scope=Scope(exclude=("contracts/",)), workers=1).added == 1
        assert index.update(workers=1).added == 0
        assert index.add(documents, workers=1).added == 0


def test_files_that_give_nothing_are_named_once_and_not_read_again(index: Index, documents: Path) -> None:
    (documents / "empty.txt").write_text("")
    (documents / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    report = index.update(workers=1)
    assert {Path(one.path).name for one in report.skipped} == {"empty.txt", "picture.png"}
    assert all(one.reason for one in report.skipped)
    assert index.update(workers=1).skipped == ()
    assert {Path(one.path).name for one in index.status().skipped} == {"empty.txt", "picture.png"}
    (documents / "empty.txt").write_text("The lighthouse keeper")
    assert index.update(workers=1).changed == 1
    assert names(index, "lighthouse", mode=Mode.KEYWORD) == ["empty.txt"]


def test_bytes_that_gave_nothing_get_another_chance_under_another_ending(index: Index, documents: Path) -> None:
    (documents / "note.bin").write_text("The lighthouse keeper")
    assert "not supported" in index.update(workers=1).skipped[0].reason
    (documents / "note.bin").rename(documents / "note.txt")
    assert index.update(workers=1).added == 1
    assert names(index, "lighthouse", mode=Mode.KEYWORD) == ["note.txt"]


def test_filters_never_hide_what_exists(index: Index, documents: Path) -> None:
    for number in range(40):
        (documents / f"harbour {number}.md").write_text(HARBOUR + f"\nNotice number {number}.\n")
    index.update(workers=1)
    filters = Filters(paths=("contracts",))
    for mode in (Mode.HYBRID, Mode.SEMANTIC):
        assert names(index, "harbour master channel twelve", k=5, mode=mode, filters=filters) == ["lease.md"]
    assert names(index, "harbour", filters=Filters(types=("pdf",))) == []


def test_no_document_crowds_out_the_others(index: Index, documents: Path) -> None:
    (documents / "many.md").write_text(
        "".join(f"# Part {n}\n\n{'The harbour master says so. ' * 40}\n\n" for n in range(11))
    )
    index.update(workers=1)
    hits = names(index, "harbour master", k=8, mode=Mode.KEYWORD)
    assert hits.count("many.md") == 7
    assert "harbour.md" in hits


def test_rights_revoked_after_indexing_are_respected(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.access
    secret = os.fsencode(documents / "harbour.md")
    monkeypatch.setattr(os, "access", lambda path, mode: path != secret and original(path, mode))
    hits = index.search("harbour master", mode=Mode.KEYWORD)
    assert (len(hits), hits.unreadable) == (0, 1)


def test_a_damaged_text_is_held_back_and_counted(index: Index) -> None:
    connection = connect(index.folder / "localsearch.db", writable=True)
    connection.execute("UPDATE passages SET text = replace(text, 'seven', 'eight')")
    connection.close()
    hits = index.search("harbour master", mode=Mode.KEYWORD)
    assert (len(hits), hits.damaged) == (0, 1)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    "damage",
    [
        "passages SET heading = 'another'",
        "passages SET page = 7",
        "documents SET title = 'another'",
        "documents SET author = 'another'",
        "files SET path = CAST(path || '~' AS BLOB)",
        "files SET type = 'pdf'",
    ],
)
def test_a_damaged_row_is_held_back_and_counted(index: Index, damage: str, mode: Mode) -> None:
    """The text is the one that was encoded; what is told of it is not."""
    before = len(index.search("harbour master", mode=mode))
    connection = connect(index.folder / "localsearch.db", writable=True)
    connection.execute(f"UPDATE {damage}")
    connection.close()
    hits = index.search("harbour master", mode=mode)
    assert before > 0
    assert (len(hits), hits.damaged, hits.missing) == (0, before, 0)


def test_searching_from_many_threads_while_writing(index: Index, documents: Path) -> None:
    errors: list[BaseException] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                found = names(index, "harbour master channel twelve")
                assert "harbour.md" in found or "port.md" in found
            except BaseException as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(8):
        (documents / f"more {number}.md").write_text(f"# More\n\nLine {number} about the quay.\n")
        index.update(workers=1)
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []


def test_progress_is_told(tmp_path: Path, documents: Path) -> None:
    told: list[Progress] = []
    with Index.create(tmp_path / "other", encoder=TINY) as index:
        index.add(documents, workers=1, progress=told.append)
    assert told[-1].files_done == told[-1].files_total == 2
    assert told[-1].passages_encoded == 2
    assert told[-1].bytes_done == told[-1].bytes_total


def test_an_interrupt_keeps_what_was_committed(index: Index, documents: Path) -> None:
    (documents / "new.md").write_text("# New\n\nThe quay is closed.\n")

    def interrupt(progress: Progress) -> None:
        if progress.passages_encoded:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.update(workers=1, progress=interrupt)
    assert not index.status().complete
    assert names(index, "harbour master", mode=Mode.KEYWORD) == ["harbour.md"]
    report = index.update(workers=1)
    assert (report.added, report.encoded) == (1, 0), "the vector was committed before the interrupt"
    assert index.status().complete


def test_status_tells_what_is_there(index: Index, documents: Path) -> None:
    status = index.status()
    assert (status.files, status.documents, status.passages, status.cached) == (2, 2, 2, 2)
    assert status.roots[0].path == str(documents)
    assert status.types == (("md", 2),)
    assert status.complete
    assert status.bytes > 0


def test_what_cannot_be_done_is_an_error_of_ours(index: Index, documents: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound):
        Index.open(tmp_path / "nowhere")
    with pytest.raises(StorageError, match="already"):
        Index.create(index.folder)
    with pytest.raises(PathProblem, match="does not exist"):
        index.add(documents / "nowhere")
    with pytest.raises(QueryError):
        index.search("   ")
    with pytest.raises(QueryError):
        index.search("harbour", k=0)
    with Writer(index.folder), pytest.raises(IndexBusy):
        index.update()
    with pytest.raises(EncoderError):
        Index.create(tmp_path / "third", encoder=documents)


def test_another_encoder_is_refused_but_words_still_work(index: Index) -> None:
    with Index.open(index.folder, encoder=Path(str(TINY)).parents[2] / "localsearch" / "encoder" / "default") as other:
        with pytest.raises(IndexMismatch, match="was made with encoder"):
            other.search("harbour")
        assert names(other, "harbour", mode=Mode.KEYWORD) == ["harbour.md"]


def test_passages_of_a_document_come_in_order_and_have_the_hits_among_them(index: Index, documents: Path) -> None:
    hit = index.search("harbour master channel")[0]
    passages = index.passages(hit.path)
    assert [one.ordinal for one in passages] == list(range(len(passages)))
    assert [one.text for one in passages if one.id == hit.passage] == [hit.text]
    assert passages[0].start == 0


def test_passages_of_an_unknown_document_are_refused_with_its_name(index: Index, documents: Path) -> None:
    with pytest.raises(PathProblem, match=r"no text of .*harbour\.md: may"):
        index.passages(documents / "harbour.md", "may")


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.SEMANTIC])
def test_a_search_explains_its_hits_when_asked(index: Index, mode: Mode) -> None:
    plain, explained = index.search("rent due", mode=mode), index.search("rent due", mode=mode, explain=True)
    assert all(hit.best is None and hit.why.explanation is None for hit in plain)
    assert [hit.passage for hit in explained] == [hit.passage for hit in plain]
    for hit in explained:
        explanation = hit.why.explanation
        assert explanation is not None
        assert hit.why.cosine == pytest.approx(explanation.cosine, abs=1e-4)
        assert hit.best == explanation.best
    assert explained[0].text[slice(*explained[0].best or ())] == "The rent is due on the first day of each month."


def test_the_best_sentences_of_the_first_hits_can_be_had_alone(index: Index) -> None:
    hits = index.search("rent due", best=1)
    assert [hit.best is not None for hit in hits] == [True, False]
    assert all(hit.why.explanation is None for hit in hits)
    assert index.search("rent due", best=9)[0].best == hits[0].best
    assert index.search("rent due", best=1, mode=Mode.KEYWORD)[0].best is None


def test_words_alone_have_nothing_to_explain_but_can_be_explained_later(index: Index) -> None:
    hits = index.search("rent due", mode=Mode.KEYWORD, explain=True)
    assert [hit.why.explanation for hit in hits] == [None] * len(hits)
    assert [type(one) for one in index.explain("rent due", hits)] == [Explanation] * len(hits)
    assert index.explain("rent due", []) == ()


def test_explaining_a_passage_that_is_gone_is_refused(index: Index, documents: Path) -> None:
    hits = index.search("rent due")
    (documents / "contracts" / "lease.md").write_text("# Lease\n\nThe rent is due at once.\n")
    index.update(workers=1)
    with pytest.raises(PathProblem, match=r"no longer holds the passage of .*lease\.md"):
        index.explain("rent due", hits)
    assert len(index.explain("rent due", index.search("rent due"))) == 2


def test_filters_in_the_text_are_applied_and_told(index: Index, documents: Path) -> None:
    for mode in Mode:
        hits = index.search("rent harbour path:contracts/", mode=mode)
        assert [hit.path.name for hit in hits] == ["lease.md"]
        assert hits.filters == ("path:contracts/",)
    assert names(index, "rent harbour -path:contracts/", mode=Mode.SEMANTIC) == ["harbour.md"]
    assert names(index, "rent path:contracts/", filters=Filters(paths=("harbour.md",))) == []
    assert index.search("harbour").filters == ()


def test_judged_queries_have_no_filters(index: Index) -> None:
    assert len(index.rank_documents("harbour path:nowhere/ type:pdf", k=5, mode=Mode.SEMANTIC)) == 2


def test_the_last_word_may_be_unfinished(index: Index) -> None:
    assert names(index, "harb", mode=Mode.KEYWORD) == []
    hit = index.search("the harb", mode=Mode.KEYWORD, prefix=True)[0]
    assert hit.path.name == "harbour.md"
    assert {hit.text[start:end].lower() for start, end in hit.spans} == {"harbour"}


def test_grouped_hits_are_one_for_each_document(index: Index, documents: Path) -> None:
    (documents / "many.md").write_text(
        "".join(f"# Part {n}\n\n{'The harbour master says so. ' * 40}\n\n" for n in range(9))
    )
    index.update(workers=1)
    for mode in Mode:
        hits = index.search("harbour master", group=True, mode=mode)
        found = {hit.path.name: hit.others for hit in hits}
        assert len(found) == len(hits)
        assert found.keys() >= {"many.md", "harbour.md"}
        assert found["many.md"] == len(index.passages(documents / "many.md")) - 1
        assert found["harbour.md"] == 0
    plain = index.search("harbour master")
    assert plain[0].passage == index.search("harbour master", group=True)[0].passage
    assert [hit.others for hit in plain] == [0] * len(plain)


def test_a_large_document_does_not_hide_the_others_from_grouping(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "many.md").write_text("".join(f"# Harbour {n}\n\n{'The quay. ' * 90}\n\n" for n in range(40)))
    index.update(workers=1)
    monkeypatch.setattr(searcher, "CANDIDATES", 2)
    depths, rank = [], Ranker.rank
    monkeypatch.setattr(Ranker, "rank", lambda *of: (depths.append(of[2].depth), rank(*of))[1])
    found = [hit.path.name for hit in index.search("The quay. " * 20, k=2, group=True, mode=Mode.SEMANTIC)]
    assert len(set(found)) == 2
    assert depths[:2] == [8, 32], "the first look found one document only"


COPY = "".join(
    f"Clause {word}: the tenant keeps the {word} of the house in good order at all times. " for word in "abcd"
)


def test_copies_are_folded_and_counted_and_come_last(index: Index, documents: Path) -> None:
    for number in range(4):
        (documents / f"copy{'x' * number}.txt").write_text(COPY)
    (documents / "version.txt").write_text(COPY.replace("Clause c", "Clause 3"))
    index.update(workers=1)
    for mode in Mode:
        hits = index.search("the tenant keeps the house in good order", k=3, mode=mode)
        assert {hit.duplicates for hit in hits if "Clause c" in hit.text} == {3}
        assert [hit.duplicates for hit in hits if "Clause 3" in hit.text] == [0]
        grouped = index.search("the tenant keeps the house in good order", k=3, mode=mode, group=True)
        assert sorted(hit.duplicates for hit in grouped) == [0, 0, 3]
    everything = index.search("tenant house order", k=20, mode=Mode.SEMANTIC)
    assert len(everything) == 7, "there are k hits whenever k exist"
    assert [hit.duplicates for hit in everything] == [0] * 7, "nothing is held back"
    assert {hit.text for hit in everything[:4]} == {hit.text for hit in everything}


def test_more_like_a_document_is_never_its_own_and_loads_no_encoder(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "copy.md").write_text(LEASE)
    (documents / "many.md").write_text("".join(f"# Part {n}\n\n{'The quay is closed. ' * 60}\n\n" for n in range(9)))
    index.update(workers=1)
    monkeypatch.setattr(Encoder, "load", None)
    hits = index.like(documents / "contracts" / "lease.md")
    assert hits[0].path.name == "copy.md"
    assert hits[0].score == pytest.approx(1.0, abs=1e-3)
    assert "lease.md" not in {hit.path.name for hit in hits}
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert (hits[0].spans, hits[0].why.dense_rank, hits[0].why.bm25) == ((), 1, None)
    assert len(hits) == 10
    assert {hit.path.name for hit in index.like(documents / "many.md", group=True)} == {
        "lease.md",
        "copy.md",
        "harbour.md",
    }
    only = index.like(documents / "contracts" / "lease.md", filters=Filters(paths=("harbour.md",)))
    assert [hit.path.name for hit in only] == ["harbour.md"]


def test_a_large_document_does_not_hide_others_that_are_like_it_too(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "many.md").write_text("".join(f"# Part {n}\n\n{LEASE[8:] * 5}\n\n" for n in range(12)))
    index.update(workers=1)
    monkeypatch.setattr(like, "CANDIDATES", 2)
    hits = index.like(documents / "contracts" / "lease.md", k=2, group=True)
    assert [hit.path.name for hit in hits] == ["many.md", "harbour.md"]


def test_the_mean_of_a_documents_vectors_decides(index: Index, documents: Path) -> None:
    (documents / "many.md").write_text("".join(f"# Part {n}\n\n{'The quay is closed. ' * 60}\n\n" for n in range(3)))
    index.update(workers=1)
    connection = connect(index.folder / "localsearch.db", writable=False)
    rows = connection.execute(
        "SELECT files.shown, value FROM passages JOIN vectors ON vectors.id = vector_id"
        " JOIN documents ON documents.id = document_id JOIN files ON files.id = file_id"
    ).fetchall()
    connection.close()
    vectors = {Path(shown).name: np.frombuffer(value, "<f2").astype(np.float32) for shown, value in rows}
    own = [np.frombuffer(value, "<f2").astype(np.float32) for shown, value in rows if shown.endswith("many.md")]
    mean = np.mean(own, axis=0) / np.linalg.norm(np.mean(own, axis=0))
    for hit in index.like(documents / "many.md"):
        assert hit.why.cosine == pytest.approx(float(mean @ vectors[hit.path.name]), abs=1e-4)


def test_more_like_one_page(index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passages = [
        IndexedPassage(one, one, "", "", 0, 0, page, "") for one, page in [(1, 2), (2, 2), (3, 5), (4, None), (5, 6)]
    ]
    assert [one.id for one in like._on_page(passages, 2, "x")] == [1, 2]
    assert [one.id for one in like._on_page(passages, 4, "x")] == [2], "it began on page 2 and goes on"
    for page in (1, 7, 0, -1):
        with pytest.raises(PathProblem, match=f"page {page} of x") as error:
            like._on_page(passages, page, "x")
        assert error.value.hint == "It has pages 2 to 6."
    with pytest.raises(PathProblem, match=r"lease\.md has no pages"):
        index.like(documents / "contracts" / "lease.md", page=1)


def test_what_is_not_in_the_index_has_nothing_like_it(index: Index, documents: Path) -> None:
    with pytest.raises(PathProblem, match=r"no text of .*other\.md"):
        index.like(documents / "other.md")
    with pytest.raises(PathProblem, match=r"lease\.md: inside"):
        index.like(documents / "contracts" / "lease.md", member="inside")
    with pytest.raises(QueryError, match="k is 0"):
        index.like(documents / "harbour.md", k=0)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("group", [False, True])
def test_a_folder_that_is_gone_hides_nothing_else_and_costs_one_more_look(
    index: Index, documents: Path, mode: Mode, group: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive = documents / "drive" / "deep"
    drive.mkdir(parents=True)
    for number in range(60):
        (drive / f"{number}.txt").write_text("The harbour master opens the harbour office.")
    for number in range(5):
        (documents / f"other{number}.txt").write_text("A quay is a part of the harbour, said the miller.")
    index.update(workers=1)
    monkeypatch.setattr(searcher, "CANDIDATES", 4)
    depths, rank = [], Ranker.rank
    monkeypatch.setattr(Ranker, "rank", lambda *of: (depths.append(of[2].depth), rank(*of))[1])
    assert {hit.path.parent.name for hit in index.search("harbour office", k=1, mode=mode)} == {"deep"}
    (documents / "drive").rename(documents.parent / "unplugged")
    depths.clear()
    hits = index.search("harbour office", k=5, mode=mode, group=group)
    assert len(hits) == 5 and all(hit.path.exists() for hit in hits)
    assert hits.missing >= 20 and depths == [20, 20]


@pytest.mark.parametrize("mode", Mode)
def test_files_gone_one_by_one_hide_nothing_else(
    index: Index, documents: Path, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every pass finds a few more files that are gone, until enough of the others are found."""
    for number in range(80):
        (documents / f"gone{number}.txt").write_text("The harbour master opens the harbour office.")
    for number in range(3):
        (documents / f"other{number}.txt").write_text("A quay is a part of the harbour, said the miller.")
    index.update(workers=1)
    for path in documents.glob("gone*"):
        path.unlink()
    monkeypatch.setattr(searcher, "CANDIDATES", 2)
    hits = index.search("harbour office", k=4, mode=mode)
    assert len(hits) == 4 and all(hit.path.exists() for hit in hits)
    assert hits.missing >= 16


def test_what_is_like_a_document_is_found_past_a_folder_that_is_gone(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "drive").mkdir()
    for number in range(60):
        (documents / "drive" / f"{number}.txt").write_text(HARBOUR)
    index.update(workers=1)
    (documents / "drive").rename(documents.parent / "unplugged")
    monkeypatch.setattr(like, "CANDIDATES", 2)
    hits = index.like(documents / "harbour.md", k=1)
    assert [hit.path.name for hit in hits] == ["lease.md"] and hits.missing >= 4


def test_equal_scores_come_in_the_order_of_paths_whatever_the_index_has_been_through(
    index: Index, documents: Path
) -> None:
    for name in (2, 4, 1, 3):
        (documents / f"{name}.txt").write_text("The pelican sleeps on the pier.")
        index.update(workers=1)
    (documents / "1.txt").write_text("The pelican is awake.")
    index.update(workers=1)
    (documents / "1.txt").write_text("The pelican sleeps on the pier.")
    index.update(workers=1)
    for mode in Mode:
        hits = index.search("pelican sleeps", k=4, mode=mode)
        same = [hit.path.stem for hit in hits if "sleeps" in hit.text]
        assert same == sorted(same) and len({hit.score for hit in hits if "sleeps" in hit.text}) <= 1
