"""Opening a listed file so that what is hashed, parsed and stored is one and the same thing.

Between listing and opening, somebody may have put a symbolic link, a pipe or another file in its place. Every
folder on the way is opened without following links, and the descriptor must look like what was listed. Nobody goes
back to the path afterwards: hash and parser read this descriptor.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from dataclasses import dataclass
from hashlib import blake2b

from localsearch.errors import PathProblem, PathUnreadable
from localsearch.records import SourceFile

HASH_BYTES = 16
_COARSE = 5
"""CLOCK_REALTIME_COARSE: the clock that the kernel takes the times of files from."""
_TICK = 10_000_000
"""Nanoseconds; how far apart two times of a file are at least on a local disk, with a kernel of 100 Hz."""
CHUNK = 1 << 20

_STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_REASONS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOENT: "gone since it was listed",
    errno.ENOTDIR: "a folder on the way is a link or a file now",
    errno.ELOOP: "a symbolic link now",
    errno.ENXIO: "not a regular file",
    errno.ENAMETOOLONG: "path longer than 4,096 bytes",
    errno.EIO: "input/output error",
}


class Changed(PathProblem):
    """Somebody has written to the file since it was listed."""


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A file that is open for reading. A context manager; closing it closes the descriptor."""

    file: SourceFile
    descriptor: int
    """Read-only and at offset 0; non-blocking, which means nothing on a regular file."""

    def content_hash(self) -> bytes:
        """BLAKE2b-128 of the bytes, without moving the offset. Raises PathUnreadable when the disk fails.

        It stops at the size that was listed, so that a file which grows as fast as it is read comes to an end.
        """
        digest = blake2b(digest_size=HASH_BYTES)
        position = 0
        try:
            while chunk := os.pread(self.descriptor, min(CHUNK, self.file.size - position), position):
                digest.update(chunk)
                position += len(chunk)
        except OSError as error:
            raise PathUnreadable(reason_of(error)) from error
        return digest.digest()

    def changed(self) -> bool:
        """True when somebody wrote to the file since it was listed: what was read may be half old and half new."""
        return _version(os.fstat(self.descriptor)) != (self.file.size, self.file.mtime_ns)

    def still_begins_with(self, content_hash: bytes) -> bool:
        """True when what was listed is still there: the file was touched or has grown at its end, as a log does.

        What was read of it stands for the time of listing, and its time tells the next run that there is more.
        """
        return os.fstat(self.descriptor).st_size >= self.file.size and self.content_hash() == content_hash

    def close(self) -> None:
        os.close(self.descriptor)

    def __enter__(self) -> OpenSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_source(file: SourceFile) -> OpenSource:
    """Open what `discover` listed.

    Raises Changed when it is no longer the same, PathProblem when it is gone, and PathUnreadable when the system
    refuses. Their message is the reason alone, as `Skipped` wants it: the caller has the path.
    """
    try:
        descriptor = _open_without_links(file.path)
    except OSError as error:
        kind = PathUnreadable if isinstance(error, PermissionError) else PathProblem
        raise kind(reason_of(error)) from error
    opened = os.fstat(descriptor)
    if not stat.S_ISREG(opened.st_mode):
        problem = PathProblem("not a regular file any more")
    elif _version(opened) != (file.size, file.mtime_ns):
        problem = Changed("changed since it was listed")
    else:
        _let_the_clock_move_on(file.mtime_ns)
        return OpenSource(file, descriptor)
    os.close(descriptor)
    raise problem


def _let_the_clock_move_on(mtime_ns: int) -> None:
    """Wait while the next write to the file would leave the same time: nobody could see that it happened."""
    while 0 <= time.clock_gettime_ns(_COARSE) - mtime_ns < _TICK:
        time.sleep(_TICK / 1e9)


def look_again(file: SourceFile) -> SourceFile:
    """The file as it is listed now. Raises PathProblem when it is gone or no regular file any more."""
    try:
        found = os.lstat(file.path)
    except OSError as error:
        raise PathProblem(reason_of(error)) from error
    if not stat.S_ISREG(found.st_mode):
        raise PathProblem("not a regular file any more")
    return SourceFile(file.path, found.st_size, found.st_mtime_ns)


def reason_of(error: OSError) -> str:
    """The system's refusal in one lower-case line, without the path."""
    return _REASONS.get(error.errno or 0) or (error.strerror or type(error).__name__).lower()


def _open_without_links(path: bytes) -> int:
    """Like openat2 with RESOLVE_NO_SYMLINKS: one step per folder, none of which may be a link."""
    *folders, name = path.strip(b"/").split(b"/")
    here = os.open(b"/", _STEP)
    try:
        for folder in folders:
            inner = os.open(folder, _STEP, dir_fd=here)
            os.close(here)
            here = inner
        return os.open(name, _READ, dir_fd=here)
    finally:
        os.close(here)


def _version(found: os.stat_result) -> tuple[int, int]:
    """What the index remembers: a change that it does not show is not seen by the next run either."""
    return (found.st_size, found.st_mtime_ns)
