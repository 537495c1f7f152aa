"""Which files below a root may be read, in a fixed order. Only ignore files are opened.

The tree is not trusted. Symbolic links are not followed, nothing but regular files is listed, the walk stays on one
file system, sees each file and folder once, and does not care how deep it is. Names are bytes throughout. What
changes during the walk may give a wrong name, never a wrong content: `open_source` looks again.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from localsearch.errors import PathProblem, PathUnreadable
from localsearch.ingest.policy import Reason, reason_by_content, reason_by_name
from localsearch.ingest.scope import MEGABYTE, Scope
from localsearch.ingest.selection import Selection
from localsearch.ingest.source import reason_of
from localsearch.paths import shown
from localsearch.records import Skipped, SourceFile
from localsearch.store.catalogue import is_below

__all__ = ["Scope", "discover"]

Entries = list[os.DirEntry[bytes]]
Item = SourceFile | Skipped | tuple[bytes, Selection]
"""What a folder gives. A folder to enter comes as its path and the patterns in force there."""

_KINDS = {
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
    stat.S_IFLNK: "symbolic link that leads nowhere",
}


def discover(
    root: bytes, scope: Scope, *, explain: bool = False, within: bytes = b""
) -> Iterator[SourceFile | Skipped]:
    """The files of a root, and what of it cannot be read and why, sorted by name within each folder.

    `root` is a folder or a file as `paths.absolute` names it. A file that is named itself is read whatever rule
    would leave it out, up to `scope.max_bytes`. With `explain`, what is left out by a rule is reported as well.
    `within`: a path below the root; only it and what lies in it is given, by the rules that the whole root has.
    Raises, before the first item, PathProblem when the root is not there or not of a kind that can be read, and
    QueryError when a pattern of the scope cannot be used.
    """
    found = _root(root)
    if not stat.S_ISDIR(found.st_mode):
        return iter([_readable(root, found, scope)])
    return _Walk(found, scope, explain=explain, within=within).run(root, _root_entries(root))


def _root(root: bytes) -> os.stat_result:
    try:
        found = os.lstat(root)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PathProblem(f"{shown(root)} does not exist.", hint="Check the spelling.") from error
    except OSError as error:
        raise PathUnreadable(f"{shown(root)} cannot be read: {reason_of(error)}.") from error
    if (real := os.path.realpath(root)) != root:
        hint = f"Index {shown(real)} instead."
        raise PathProblem(f"{shown(root)} is reached through a symbolic link.", hint=hint)
    if not stat.S_ISDIR(found.st_mode) and not stat.S_ISREG(found.st_mode):
        raise PathProblem(f"{shown(root)} is a {_kind(found)}.", hint="Name a file or a folder.")
    return found


def _root_entries(root: bytes) -> Entries:
    try:
        entries = _entries(root)
    except OSError as error:
        raise PathUnreadable(f"{shown(root)} cannot be read: {reason_of(error)}.") from error
    if reason_by_content({entry.name for entry in entries}) is Reason.INDEX:
        raise PathProblem(f"{shown(root)} is {Reason.INDEX}.", hint="Name a folder of documents.")
    return entries


def _entries(folder: bytes) -> Entries:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _readable(path: bytes, found: os.stat_result, scope: Scope) -> SourceFile | Skipped:
    if not stat.S_ISREG(found.st_mode):
        return Skipped(os.fsdecode(path), f"not a regular file ({_kind(found)})")
    if found.st_size > scope.max_bytes:
        return Skipped(os.fsdecode(path), f"larger than {scope.max_bytes / MEGABYTE:g} MB")
    return SourceFile(path, found.st_size, found.st_mtime_ns)


def _kind(found: os.stat_result) -> str:
    return _KINDS.get(stat.S_IFMT(found.st_mode), "special file")


class _Walk:
    """One pass over a tree, and what it has met so far."""

    def __init__(self, root: os.stat_result, scope: Scope, *, explain: bool, within: bytes) -> None:
        self._scope = scope
        self._within = within
        self._explain = explain
        self._selection = Selection.of(scope)
        self._device = root.st_dev
        self._met = {(root.st_dev, root.st_ino)}
        """Device and inode of every folder, and of the files that have more than one name."""

    def run(self, root: bytes, entries: Entries) -> Iterator[SourceFile | Skipped]:
        """Depth first, with a stack of its own: a tree may be deeper than Python's stack."""
        stack = [self._inside(root, self._selection, entries)]
        while stack:
            item = next(stack[-1], None)
            if item is None:
                stack.pop()
            elif isinstance(item, tuple):
                stack.append(self._folder(*item))
            else:
                yield item

    def _folder(self, path: bytes, selection: Selection) -> Iterator[Item]:
        try:
            entries = _entries(path)
        except OSError as error:
            yield Skipped(os.fsdecode(path), reason_of(error), transient=True)
            return
        reason = reason_by_content({entry.name for entry in entries})
        if not reason:
            yield from self._inside(path, selection, entries)
        elif self._explain:
            yield Skipped(os.fsdecode(path), reason)

    def _inside(self, path: bytes, selection: Selection, entries: Entries) -> Iterator[Item]:
        if self._scope.ignore_files:
            selection, failed = selection.with_ignore_files(path, {entry.name for entry in entries})
            yield from failed
        for entry in entries:
            if self._is_wanted(entry.path) and (item := self._entry(selection, entry)):
                yield item

    def _is_wanted(self, path: bytes) -> bool:
        """Whether a path lies in the part that is asked for, or on the way to it."""
        return not self._within or is_below(path, self._within) or is_below(self._within, path)

    def _entry(self, selection: Selection, entry: os.DirEntry[bytes]) -> Item | None:
        """What to make of one entry; None for nothing at all."""
        try:
            found = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None  # deleted since it was listed
        except OSError as error:
            return Skipped(os.fsdecode(entry.path), reason_of(error), transient=True)
        name = entry.name.decode("utf-8", "surrogateescape")
        if reason := self._rule(selection, entry.name, name, found):
            return Skipped(os.fsdecode(entry.path), reason) if self._explain else None
        if stat.S_ISDIR(found.st_mode):
            return self._subfolder(selection, entry.path, name, found)
        return _readable(entry.path, found, self._scope)

    def _subfolder(self, selection: Selection, path: bytes, name: str, found: os.stat_result) -> Item:
        if found.st_dev != self._device:
            return Skipped(os.fsdecode(path), "on another file system; index it by its own path")
        return path, selection.below(name)

    def _rule(self, selection: Selection, raw: bytes, name: str, found: os.stat_result) -> str:
        """Why a rule leaves the entry out; empty when none does."""
        if stat.S_ISLNK(found.st_mode):
            return Reason.LINK
        folder = stat.S_ISDIR(found.st_mode)
        return (
            reason_by_name(raw, folder=folder, hidden=self._scope.hidden)
            or selection.reason(name, folder=folder)
            or self._met_before(found, folder=folder)
        )

    def _met_before(self, found: os.stat_result, *, folder: bool) -> str:
        """A hard link to a file already listed, or a folder that a bind mount shows a second time."""
        if not folder and found.st_nlink == 1:
            return ""
        identity = (found.st_dev, found.st_ino)
        if identity in self._met:
            return Reason.SAME_FOLDER if folder else Reason.SAME_FILE
        self._met.add(identity)
        return ""
