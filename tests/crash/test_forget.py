"""What is forgotten is in no file of the index, whatever comes between: a kill, a full disk, a reader."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localsearch import Index
from localsearch.ingest.scope import Scope
from localsearch.store import catalogue
from localsearch.store.snapshot import Reader
from tests.conftest import TINY
from tests.crash.contents import check_invariants, contents
from tests.crash.faults import KILL, command, count_calls, disturbed, drive, sample

TOKEN = "Xylquorbant"
KILLED_AT = ("pwrite64", "write", "fsync", "ftruncate", "unlink", "rename")
FULL_AT = ("pwrite64", "write", "rename", "ftruncate")
READER = """
import sys
from pathlib import Path
from localsearch.store.snapshot import Reader
with Reader(Path(sys.argv[1])).snapshot() as connection:
    connection.execute("SELECT count(*) FROM passages").fetchone()
    print("reading", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    for number in range(30):
        text = f"# Berth {number}\n\nThe pilot boards at buoy {number}; the crane lifts {number * 7} tons each morning."
        (folder / f"{number:02}.md").write_text(text)
    secret = f"# Private\n\nThe salary of {TOKEN} is 91,234 euros and must never leave the vault."
    (folder / f"letter about {TOKEN.lower()}.md").write_text(secret)
    return folder


@pytest.fixture(scope="module")
def secret(documents: Path) -> Path:
    return documents / f"letter about {TOKEN.lower()}.md"


@pytest.fixture(scope="module")
def full(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of all documents."""
    index = tmp_path_factory.mktemp("full") / "index"
    with Index.create(index, encoder=TINY) as opened:
        opened.add(documents, workers=1)
    return index


@pytest.fixture(scope="module")
def vectors(full: Path, secret: Path) -> list[bytes]:
    """The vectors of the secret's passage and of its name."""
    before = stored_vectors(full)
    copy = full.with_name("without")
    shutil.copytree(full, copy)
    drive("forget", copy, secret)
    after = stored_vectors(copy)
    shutil.rmtree(copy)
    assert len(before - after) == 2
    return sorted(before - after)


@pytest.fixture(scope="module")
def forgotten(full: Path, secret: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """What an undisturbed forget leaves."""
    index = tmp_path_factory.mktemp("forgotten") / "index"
    shutil.copytree(full, index)
    drive("forget", index, secret)
    return contents(index)


def traces(index: Path, vectors: list[bytes]) -> list[str]:
    """Files of the index folder that hold the token, a large part of it, or a vector."""
    needles = [TOKEN.lower().encode(), TOKEN.lower()[2:].encode()]
    return sorted(
        path.name
        for path in index.rglob("*")
        if path.is_file()
        and (any(one in path.read_bytes().lower() for one in needles) or any(v in path.read_bytes() for v in vectors))
    )


def knows(index: Path, path: Path) -> bool:
    reader = Reader(index)
    try:
        with reader.snapshot() as connection:
            return bool(catalogue.paths_below(connection, os.fsencode(path)))
    finally:
        reader.close()


def is_marked(index: Path) -> bool:
    reader = Reader(index)
    try:
        with reader.snapshot() as connection:
            return reader.setting(connection, "erasing") != ""
    finally:
        reader.close()


@contextmanager
def reading(index: Path) -> Iterator[int]:
    """Another process inside a snapshot of the index; its process id."""
    line = [sys.executable, "-c", READER, str(index)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        try:
            yield process.pid
        finally:
            process.communicate()


def next_command(index: Path, secret: Path) -> None:
    """Forget again what is still known; otherwise any command does."""
    known = knows(index, secret)
    with Index.open(index) as opened:
        if known:
            opened.remove(secret)


def check_forgotten(
    index: Path, secret: Path, vectors: list[bytes], forgotten: list[tuple[object, ...]], what: str
) -> None:
    """After a disturbed forget: the index is whole, and after the next command nothing of the secret is left."""
    check_invariants(index)
    next_command(index, secret)
    assert traces(index, vectors) == [], what
    assert not is_marked(index), what
    assert contents(index) == forgotten, what
    check_invariants(index)


def disturb(
    call: str,
    fault: str,
    which: str,
    full: Path,
    secret: Path,
    vectors: list[bytes],
    forgotten: list[tuple[object, ...]],
    folder: Path,
    *,
    most: int | None,
) -> int:
    """Inject the fault at some calls of a forget, `which`: `{}` at one, `{}+` at all from it on; how many it hit."""
    happened = 0
    log, index = folder / "log", folder / "index"
    shutil.copytree(full, index)
    total = count_calls(call, "forget", index, secret, log)
    shutil.rmtree(index)
    for number in sample(total, most):
        shutil.copytree(full, index)
        outcome = disturbed(call, fault, which.format(number), "forget", index, secret, log)
        happened += outcome.happened
        what = f"{fault} at {call} {which.format(number)} of {total}: {outcome.code} {outcome.said}"
        assert outcome.code in (0, 4, -9, 137), what
        if outcome.code == 0:
            assert traces(index, vectors) == [], f"{what}; it said that nothing is left"
        check_forgotten(index, secret, vectors, forgotten, what)
        shutil.rmtree(index)
    return happened


SAMPLE = 3


@pytest.mark.program("strace")
@pytest.mark.parametrize("call", KILLED_AT)
def test_killed_while_forgetting(
    call: str, full: Path, secret: Path, vectors: list[bytes], forgotten: list[tuple[object, ...]], tmp_path: Path
) -> None:
    assert disturb(call, KILL, "{}", full, secret, vectors, forgotten, tmp_path, most=SAMPLE)


@pytest.mark.program("strace")
@pytest.mark.parametrize("which", ["{}", "{}+"], ids=["once", "from then on"])
@pytest.mark.parametrize("call", FULL_AT)
def test_a_full_disk_while_forgetting(
    call: str,
    which: str,
    full: Path,
    secret: Path,
    vectors: list[bytes],
    forgotten: list[tuple[object, ...]],
    tmp_path: Path,
) -> None:
    assert disturb(call, "error=ENOSPC", which, full, secret, vectors, forgotten, tmp_path, most=3)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("call", KILLED_AT)
def test_killed_at_every_call_of_forgetting(
    call: str, full: Path, secret: Path, vectors: list[bytes], forgotten: list[tuple[object, ...]], tmp_path: Path
) -> None:
    hit = disturb(call, KILL, "{}", full, secret, vectors, forgotten, tmp_path, most=None)
    print(f"killed at {hit} calls of {call}")


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("which", ["{}", "{}+"], ids=["once", "from then on"])
@pytest.mark.parametrize("call", FULL_AT)
def test_a_full_disk_at_every_call_of_forgetting(
    call: str,
    which: str,
    full: Path,
    secret: Path,
    vectors: list[bytes],
    forgotten: list[tuple[object, ...]],
    tmp_path: Path,
) -> None:
    hit = disturb(call, "error=ENOSPC", which, full, secret, vectors, forgotten, tmp_path, most=None)
    print(f"ENOSPC at {hit} calls of {call}, {which}")


def test_a_reader_is_named_and_whoever_comes_after_it_erases(
    full: Path, secret: Path, vectors: list[bytes], forgotten: list[tuple[object, ...]], tmp_path: Path
) -> None:
    index = tmp_path / "index"
    shutil.copytree(full, index)
    with reading(index) as process:
        done = subprocess.run(command("forget", index, secret), capture_output=True, text=True, check=False)
        assert done.returncode == 3
        assert f"process {process} reads an older state" in done.stderr
        assert not knows(index, secret), "searches that begin now no longer find it"
        assert traces(index, vectors), "the log holds it: the test tests something"
        again = subprocess.run(command("forget", index, secret), capture_output=True, text=True, check=False)
        assert again.returncode == 3, "forgetting again does not claim more"
        with Index.open(index) as opened:
            assert opened.status().erasing
            assert opened.update(workers=1).added == 0, "others may write meanwhile"
    next_command(index, secret)
    assert traces(index, vectors) == []
    assert not is_marked(index)
    assert contents(index) == forgotten


@pytest.mark.program("strace")
def test_killed_beside_a_reader(
    full: Path, secret: Path, vectors: list[bytes], forgotten: list[tuple[object, ...]], tmp_path: Path
) -> None:
    kill_beside_a_reader(full, secret, vectors, forgotten, tmp_path, most=3)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_killed_at_every_call_beside_a_reader(
    full: Path, secret: Path, vectors: list[bytes], forgotten: list[tuple[object, ...]], tmp_path: Path
) -> None:
    hit = kill_beside_a_reader(full, secret, vectors, forgotten, tmp_path, most=None)
    print(f"killed at {hit} calls beside a reader")


def kill_beside_a_reader(
    full: Path,
    secret: Path,
    vectors: list[bytes],
    forgotten: list[tuple[object, ...]],
    folder: Path,
    *,
    most: int | None,
) -> int:
    happened = 0
    log, index = folder / "log", folder / "index"
    for call in ("pwrite64", "fsync", "unlink"):
        shutil.copytree(full, index)
        with reading(index):
            subprocess.run(
                ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call}", *command("forget", index, secret)],
                capture_output=True,
                check=False,
            )
        total = sum(f" {call}(" in line for line in log.read_text().splitlines())
        shutil.rmtree(index)
        for number in sample(total, most):
            shutil.copytree(full, index)
            with reading(index):
                outcome = disturbed(call, KILL, str(number), "forget", index, secret, log)
            happened += outcome.happened
            check_forgotten(index, secret, vectors, forgotten, f"kill at {call} {number} of {total} beside a reader")
            shutil.rmtree(index)
    assert happened
    return happened


def test_forgetting_in_the_middle_of_a_change_of_encoder_takes_both_vectors(
    full: Path, secret: Path, tmp_path: Path
) -> None:
    index, second = tmp_path / "index", tmp_path / "second"
    shutil.copytree(full, index)
    shutil.copytree(TINY, second)
    card = json.loads((second / "card.json").read_text())
    (second / "card.json").write_text(json.dumps(card | {"passage_prefix": "passage: ", "name": "second"}))

    def stop(done: int, total: int, seconds: float) -> None:
        if done == total:
            raise KeyboardInterrupt

    with Index.open(index) as opened:
        with pytest.raises(KeyboardInterrupt):
            opened.use_encoder(second, progress=stop)
        before = stored_vectors(index)
        opened.remove(secret)
        gone = before - stored_vectors(index)
        assert len(gone) == 3, "passage and name of the old encoder, passage of the new"
        assert traces(index, sorted(gone)) == []
        done = opened.use_encoder(second)
        assert done.encoded == 0, "what was encoded for the others is kept"


@pytest.mark.parametrize("part", ["kwyjibo/", "kwyjibo/quuxfile.md", ""])
def test_a_root_a_folder_and_a_file_are_forgotten_alike(part: str, tmp_path: Path) -> None:
    root, index = tmp_path / "root", tmp_path / "index"
    (root / "kwyjibo").mkdir(parents=True)
    (root / "kwyjibo" / "quuxfile.md").write_text("# Alpha\n\nThe zanzibarquux is in the vault.")
    (root / "b.md").write_text("# Beta\n\nThe harbour opens at nine.")
    with Index.create(index, encoder=TINY) as opened:
        opened.add(root / "kwyjibo" / "quuxfile.md", scope=Scope(hidden=True), workers=1)
        opened.add(root, workers=1)
        assert len(opened.status().roots) == 2, "roots of different options stay beside each other"
        opened.remove(root / part)
        held = [name for name in ("zanzibarquux", "kwyjibo", "quuxfile") if names_it(index, name)]
        assert held == []
        assert [one.path for one in opened.status().roots] == ([str(root)] if part else [])
        assert opened.update(workers=1).added == 0


def names_it(index: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in index.iterdir())


def stored_vectors(index: Path) -> set[bytes]:
    reader = Reader(index)
    try:
        with reader.snapshot() as connection:
            return {row[0] for row in connection.execute("SELECT value FROM vectors")}
    finally:
        reader.close()
