"""The name of a file counts for its passages, follows it when it is renamed, and goes with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from localsearch import Index, Mode
from localsearch.store.sqlite import connect
from tests.conftest import TINY

TEXT = "Revenue went up by four percent in the fiscal year, and costs went down.\n"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "pdfs"
    folder.mkdir()
    for name in ("harbour.md", "zebra.md"):
        (folder / name).write_text(TEXT + f"Signed by {len(name)} people.\n")
    return folder


def vectors(index: Index) -> int:
    connection = connect(index.folder / "localsearch.db", writable=False)
    try:
        return int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])
    finally:
        connection.close()


def test_the_name_decides_between_like_passages(tmp_path: Path, reports: Path) -> None:
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(reports, workers=1)
        for name in ("harbour", "zebra"):
            hits = index.search(f"{name} revenue", mode=Mode.SEMANTIC)
            assert hits[0].path.stem == name
            assert hits[0].why.name is not None
            assert hits[1].why.name is not None
            assert hits[0].why.name > hits[1].why.name


def test_a_renamed_file_gets_its_new_name_and_the_old_one_is_gone(tmp_path: Path, reports: Path) -> None:
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(reports, workers=1)
        before = vectors(index)
        (reports / "zebra.md").rename(reports / "lease.md")
        assert index.update(workers=1).encoded == 0
        assert vectors(index) == before == 4
        assert index.search("lease revenue", mode=Mode.SEMANTIC)[0].path.stem == "lease"


def test_forgetting_a_file_forgets_its_name(tmp_path: Path, reports: Path) -> None:
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(reports, workers=1)
        index.remove(reports / "zebra.md")
        assert vectors(index) == 2


def test_names_that_say_nothing_count_nothing(tmp_path: Path, reports: Path) -> None:
    (reports / "zebra.md").rename(reports / "IMG_7034.md")
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(reports, workers=1)
        named = {hit.path.stem: hit.why.name is not None for hit in index.search("revenue", mode=Mode.SEMANTIC)}
        assert named == {"harbour": True, "IMG_7034": False}
