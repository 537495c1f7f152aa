"""What is known stays until something better is read: files that change, fail or vanish while a run reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from localsearch import Index
from localsearch.errors import PathProblem, PathUnreadable, QueryError
from localsearch.ingest import pipeline, prepare
from localsearch.ingest.compare import Comparison
from localsearch.ingest.discover import Scope
from localsearch.ingest.parse.pool import ParserPool
from localsearch.ingest.source import OpenSource
from localsearch.records import Filters, Mode, Parsed, Progress, SourceFile
from localsearch.store.writer import Writer
from tests.conftest import TINY

OLD = "The board approved the harbour extension."


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "minutes.txt").write_text(OLD)
    (folder / "lease.txt").write_text("The lease may be ended with three months notice.")
    return folder


@pytest.fixture
def index(tmp_path: Path, documents: Path) -> Iterator[Index]:
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(documents, workers=1)
        yield index


def found(index: Index, query: str) -> list[str]:
    return [hit.path.name for hit in index.search(query, mode=Mode.KEYWORD)]


def edited_after_listing(monkeypatch: pytest.MonkeyPatch, path: Path, text: str) -> None:
    """The file is saved once more between the listing and its turn."""
    real = pipeline.compare

    def compare(*arguments: object) -> Comparison:
        result = real(*arguments)  # type: ignore[arg-type]
        path.write_text(text)
        return result

    monkeypatch.setattr(pipeline, "compare", compare)


def test_a_file_that_is_saved_during_the_run_is_read_at_its_end(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "minutes.txt").write_text(OLD + " More.")
    edited_after_listing(monkeypatch, documents / "minutes.txt", OLD + " Later still.")
    report = index.update(workers=1)
    assert (report.changed, report.skipped, index.complete) == (1, (), True)
    assert found(index, "harbour later") == ["minutes.txt"]


def test_a_file_saved_again_and_again_is_findable_at_every_moment(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty times between reading and looking whether it changed: old or new text is found each time."""
    minutes = documents / "minutes.txt"
    saved = 0
    real = ParserPool.parse

    def parse(pool: ParserPool, descriptor: int, name: str) -> Parsed:
        nonlocal saved
        parsed = real(pool, descriptor, name)
        saved += 1
        minutes.write_text(f"{saved} times the harbour extension was approved.")
        assert found(index, "harbour extension") == ["minutes.txt"]
        return parsed

    monkeypatch.setattr(ParserPool, "parse", parse)
    while saved < 50:
        minutes.write_text(f"The harbour extension, version {saved}.")
        report = index.update(workers=1)
        assert [one.transient for one in report.skipped] == [True]
        assert found(index, "harbour extension") == ["minutes.txt"]
        assert index.complete and index.status().pending == 1
    monkeypatch.undo()
    assert index.update(workers=1).changed == 1
    assert index.complete and index.status().skipped == ()
    assert found(index, "approved times") == ["minutes.txt"]


def test_a_file_that_grows_while_it_is_read_is_read_as_it_was(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that is written to all the time: each run reads what was there, the next one the rest."""
    log = documents / "server.log"
    log.write_text("harbour gate opened\n")
    real = ParserPool.parse

    def parse(pool: ParserPool, descriptor: int, name: str) -> Parsed:
        parsed = real(pool, descriptor, name)
        with log.open("a") as more:
            more.write("crane started\n")
        return parsed

    monkeypatch.setattr(ParserPool, "parse", parse)
    assert index.update(workers=1).added == 1
    assert found(index, "gate") == ["server.log"]
    monkeypatch.undo()
    assert index.update(workers=1).changed == 1
    assert found(index, "crane") == ["server.log"]


def failing_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: OpenSource) -> bytes:
        raise PathUnreadable("input/output error")

    monkeypatch.setattr(OpenSource, "content_hash", refuse)


def failing_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: SourceFile) -> OpenSource:
        raise PathUnreadable("permission denied")

    monkeypatch.setattr(prepare, "open_source", refuse)


def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = Parsed(reason="parser took longer than 60 s", transient=True)
    monkeypatch.setattr(ParserPool, "parse", lambda *_: busy)


@pytest.mark.parametrize("fault", [failing_disk, failing_permission, busy_machine])
def test_a_failure_of_the_machine_takes_nothing_away(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch, fault: object
) -> None:
    (documents / "minutes.txt").write_text(OLD + " More.")
    (documents / "new.txt").write_text("A berth for the ferry.")
    with monkeypatch.context() as patch:
        fault(patch)  # type: ignore[operator]
        report = index.update(workers=1)
        assert {os.path.basename(one.path) for one in report.skipped} == {"minutes.txt", "new.txt"}
        assert all(one.transient for one in report.skipped) and report.failing == 2
        assert found(index, "harbour") == ["minutes.txt"]
        status = index.status()
        assert status.pending == 2 and status.complete
        assert all(root.complete for root in status.roots), "the run came to its end"
        assert len(index.update(workers=1).skipped) == 2, "it is told again as long as it lasts"
    report = index.update(workers=1)
    assert (report.added + report.changed, report.skipped, report.failing) == (2, (), 0)
    assert index.complete and index.status().pending == 0
    assert found(index, "ferry") == ["new.txt"]


def test_the_same_bytes_after_a_failure_end_it(index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(documents / "minutes.txt")
    with monkeypatch.context() as patch:
        failing_disk(patch)
        index.update(workers=1)
    assert index.update(workers=1).unchanged == 2
    assert index.complete


def test_a_file_put_back_as_it_was_ends_a_failure(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Size and time are the stored ones again: only the failure says that there is something left to do."""
    before = (documents / "minutes.txt").stat().st_mtime_ns
    (documents / "minutes.txt").write_text(OLD + " More.")
    with monkeypatch.context() as patch:
        failing_disk(patch)
        assert index.update(workers=1).failing == 1
    (documents / "minutes.txt").write_text(OLD)
    os.utime(documents / "minutes.txt", ns=(before, before))
    assert index.update(workers=1).failing == 0
    assert index.complete and index.status().pending == 0


def test_a_failure_of_the_document_is_remembered_and_counted(index: Index, documents: Path) -> None:
    (documents / "cut.pdf").write_bytes(b"%PDF-1.4\n")
    assert [one.transient for one in index.update(workers=1).skipped] == [False]
    os.utime(documents / "cut.pdf")
    report = index.update(workers=1)
    assert (report.skipped, report.failing, report.unchanged) == ((), 1, 3)
    assert index.complete


def test_files_below_a_folder_that_cannot_be_read_stay(
    index: Index, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from localsearch.ingest import discover

    (documents / "deep").mkdir()
    (documents / "deep/berth.txt").write_text("A berth for the ferry.")
    index.update(workers=1)
    real = discover._entries

    def entries(folder: bytes) -> list[os.DirEntry[bytes]]:
        if folder.endswith(b"/deep"):
            raise PermissionError(13, "Permission denied")
        return real(folder)

    with monkeypatch.context() as patch:
        patch.setattr(discover, "_entries", entries)
        report = index.update(workers=1)
        assert report.removed == 0
        assert [(os.path.basename(one.path), one.reason) for one in report.skipped] == [("deep", "permission denied")]
        assert found(index, "ferry") == ["berth.txt"]
    index.update(workers=1)
    assert found(index, "ferry") == ["berth.txt"] and index.complete


def test_dates_follow_a_touch_and_many_touches_are_one_transaction(
    tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in documents.iterdir():
        os.utime(path, (1_500_000_000, 1_500_000_000))
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(documents, workers=1)
        for path in documents.iterdir():
            os.utime(path, (1_700_000_000, 1_700_000_000))
        calls = []
        real = Writer.touch
        monkeypatch.setattr(
            Writer, "touch", lambda writer, sources: (calls.append(len(sources)), real(writer, sources))
        )
        index.update(workers=1)
        assert calls == [2]
        late = Filters(after=1_600_000_000)
        assert len(index.search("lease", mode=Mode.KEYWORD, filters=late)) == 1
        assert len(index.search("lease before:2020", mode=Mode.KEYWORD)) == 0


def test_each_root_knows_whether_its_run_ended(index: Index, tmp_path: Path) -> None:
    for name in ("A", "B"):
        (tmp_path / name).mkdir()
        for number in range(6):
            (tmp_path / name / f"{number}.txt").write_text(f"berth {name} {number}")

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.add(tmp_path / "A", workers=1, progress=stop)
    index.add(tmp_path / "B", workers=1)
    roots = {os.path.basename(root.path): root for root in index.status().roots}
    assert [roots[name].complete for name in ("A", "B", "documents")] == [False, True, True]
    assert roots["A"].updated is None and roots["B"].updated
    assert not index.complete
    index.update(workers=1)
    assert index.complete


def test_an_interrupted_root_is_not_complete_though_it_was(index: Index, documents: Path, tmp_path: Path) -> None:
    """Whatever other roots do meanwhile, until a run over it has ended."""

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    (documents / "new.txt").write_text("A berth for the ferry.")
    with pytest.raises(KeyboardInterrupt):
        index.update(workers=1, progress=stop)
    (tmp_path / "other").mkdir()
    index.add(tmp_path / "other", workers=1)
    roots = {os.path.basename(root.path): root.complete for root in index.status().roots}
    assert roots == {"documents": False, "other": True} and not index.complete
    away = documents.rename(tmp_path / "away")
    index.update(workers=1)
    assert not index.complete, "nobody has looked at what is not there"
    away.rename(documents)
    index.update(workers=1)
    assert index.complete


def test_who_writes_is_told_from_who_was_interrupted(index: Index, documents: Path) -> None:
    assert index.status().writer is None
    seen: list[int | None] = []
    (documents / "new.txt").write_text("A berth.")
    index.update(workers=1, progress=lambda _: seen.append(index.status().writer))
    assert set(seen) == {os.getpid()}
    assert index.status().writer is None


def test_a_pattern_that_cannot_be_used_changes_nothing(index: Index, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(QueryError):
        index.add(tmp_path / "other", scope=Scope(include=("[",)), workers=1)
    assert len(index.status().roots) == 1


def test_a_stored_pattern_that_cannot_be_used_stops_no_other_root(
    index: Index, documents: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/berth.txt").write_text("A berth for the ferry.")
    index.add(tmp_path / "other", workers=1)
    with Writer(index.folder) as writer:
        writer.add_root(os.fsencode(tmp_path / "other"), Scope(include=("[",)).to_json())
    (documents / "new.txt").write_text("The pilot comes aboard.")
    report = index.update(workers=1)
    assert report.added == 1 and report.removed == 0
    assert "other was left as it is" in report.warnings[0]
    assert found(index, "ferry") == ["berth.txt"]


def test_roots_in_roots(index: Index, documents: Path, tmp_path: Path) -> None:
    """A part of a root is no root; an outer folder takes in the roots it reaches; what it leaves out stays a root."""
    (documents / ".notes").mkdir()
    (documents / ".notes/berth.txt").write_text("A berth for the ferry.")
    (documents / "lease.txt").write_text("The lease is ended.")
    (documents / "new.txt").write_text("The pilot comes aboard.")
    report = index.add(documents / "lease.txt", workers=1)
    assert (report.changed, report.added) == (1, 0), "only that part"
    index.add(documents / ".notes", workers=1)
    assert [os.path.basename(root.path) for root in index.status().roots] == ["documents", ".notes"]
    with pytest.raises(QueryError, match="its options hold there"):
        index.add(documents / "new.txt", scope=Scope(include=("*.md",)), workers=1)
    (tmp_path / "outside.txt").write_text("A tide table.")
    report = index.add(tmp_path, workers=1)
    assert [os.path.basename(root.path) for root in index.status().roots] == [tmp_path.name, ".notes"]
    assert report.removed == 0 and found(index, "tide") == ["outside.txt"] and found(index, "ferry") == ["berth.txt"]
    assert index.update(workers=1).removed == 0


@pytest.mark.parametrize("below", ["", "/inner"])
def test_the_index_is_no_folder_of_documents(index: Index, below: str) -> None:
    (index.folder / "inner").mkdir()
    with pytest.raises(PathProblem, match="belongs to the index"):
        index.add(f"{index.folder}{below}", workers=1)
    assert len(index.status().roots) == 1


def test_an_empty_path_is_refused(index: Index) -> None:
    with pytest.raises(PathProblem, match="names nothing"):
        index.add("", workers=1)
