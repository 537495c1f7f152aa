"""A listed file is opened as it was listed, or not at all."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path

import pytest

from localsearch.errors import PathProblem, PathUnreadable
from localsearch.ingest.source import CHUNK, open_source
from localsearch.records import SourceFile


def listed(path: Path) -> SourceFile:
    found = path.stat()
    return SourceFile(os.fsencode(path), found.st_size, found.st_mtime_ns)


def dress_up(path: Path, like: SourceFile) -> None:
    """Give a file the size and the time of another."""
    os.truncate(path, like.size)
    os.utime(path, ns=(like.mtime_ns, like.mtime_ns))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "file.txt"
    path.parent.mkdir()
    path.write_bytes(b"the content")
    return path


@pytest.fixture(autouse=True)
def no_descriptor_is_left_open() -> Iterator[None]:
    before = set(os.listdir("/proc/self/fd"))
    yield
    assert set(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("size", [0, 1, CHUNK, 2 * CHUNK + 7])
def test_the_hash_covers_all_and_leaves_the_offset(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(content := os.urandom(size))
    with open_source(listed(path)) as source:
        assert source.content_hash() == blake2b(content, digest_size=16).digest()
        assert os.read(source.descriptor, 5) == content[:5]
        assert not source.changed()


def test_the_descriptor_is_for_reading_and_stays_in_this_process(file: Path) -> None:
    with open_source(listed(file)) as source:
        assert not os.get_inheritable(source.descriptor)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(source.descriptor, b"x")


def test_a_write_while_reading_is_noticed(file: Path) -> None:
    with open_source(listed(file)) as source:
        source.content_hash()
        file.write_bytes(b"new content, longer")
        assert source.changed()
        assert source.content_hash() == blake2b(b"new content", digest_size=16).digest(), "no further than listed"


def _grow(path: Path) -> None:
    path.write_bytes(b"longer than it was")


def _touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def _remove(path: Path) -> None:
    path.unlink()


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _link_folder(path: Path) -> None:
    folder = path.parent
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("swap", "reason"),
    [
        (_grow, "changed since it was listed"),
        (_touch, "changed since it was listed"),
        (_remove, "gone since it was listed"),
        (_link, "a symbolic link now"),
        (_link_folder, "a folder on the way is a link or a file now"),
        (_pipe, "not a regular file any more"),
        (_folder, "not a regular file any more"),
    ],
)
def test_what_took_the_place_of_a_file_is_not_read(file: Path, swap: Callable[[Path], None], reason: str) -> None:
    source = listed(file)
    swap(file)
    with pytest.raises(PathProblem) as caught:
        open_source(source)
    assert caught.value.message == reason


def test_a_link_swapped_in_and_out_never_leads_outside(tmp_path: Path) -> None:
    """The file outside has the same name, size and time, so that nothing but the way to it gives it away."""
    inside, outside = tmp_path / "root" / "folder", tmp_path / "outside"
    for folder, content in ((inside, b"public"), (outside, b"secret")):
        folder.mkdir(parents=True)
        (folder / "file.txt").write_bytes(content)
    source = listed(inside / "file.txt")
    dress_up(outside / "file.txt", source)
    stop = threading.Event()

    def swap() -> None:
        aside = inside.with_name("aside")
        while not stop.is_set():
            inside.rename(aside)
            inside.symlink_to(outside)
            stop.wait(0.0001)
            inside.unlink()
            aside.rename(inside)
            stop.wait(0.0001)

    swapper = threading.Thread(target=swap)
    swapper.start()
    seen = set()
    try:
        for _ in range(800):
            try:
                with open_source(source) as opened:
                    seen.add(os.read(opened.descriptor, 10))
            except PathProblem as problem:
                seen.add(problem.message.encode())
    finally:
        stop.set()
        swapper.join()
    assert b"secret" not in seen
    assert b"public" in seen


def test_a_refusal_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    source = listed(file)
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(PathUnreadable, match=r"^permission denied$"):
        open_source(source)


def test_a_failing_disk_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    with open_source(listed(file)) as source:
        monkeypatch.setattr(os, "pread", fail)
        with pytest.raises(PathUnreadable, match=r"^input/output error$"):
            source.content_hash()
