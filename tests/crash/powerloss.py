"""Power loss, replayed: which bytes and names a disk may hold when the power fails at some moment of a run.

A run is recorded with strace. Its writes, truncations and changes of names are then played up to a moment, and of
those that no fsync has made durable, none, all, or some survive: data in pieces of 4 KiB in any combination, names
in their order, as a journal keeps them. What survives is written to a folder, as the disk would be found.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

PIECE = 4096
CALLS = "openat,pwrite64,write,fsync,fdatasync,rename,unlink,ftruncate,fallocate,mkdir,rmdir"


class Kept(StrEnum):
    """What survives of what was not synced."""

    NOTHING = "nothing"
    NAMES = "names"
    SOME = "some"
    ALL = "all"


@dataclass(frozen=True)
class Operation:
    """One system call below the folder that was recorded."""

    call: str
    path: str
    to: str = ""
    """The new name, of a rename."""
    data: bytes = b""
    at: int | None = None
    """Where it is written; None: after the last write to the file. Of a truncation: the new size."""
    empties: bool = False
    """Whether opening cut the file to nothing."""


@dataclass
class _File:
    durable: bytes = b""
    pending: list[Operation] = field(default_factory=list)
    position: int = 0


# Recording

_CALL = re.compile(r"(\d+)\s+(\w+)\((.*)\)\s+= (-?\d+)(?:<(.*)>)?", re.DOTALL)
_BEGUN = re.compile(r"(\d+)\s+(\w+)\((.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(\d+)\s+<\.\.\. \w+ resumed>(.*)")


def record(command: list[str], folder: Path, log: Path) -> list[Operation]:
    """The operations of a command on `folder`, in order. Raises CalledProcessError when the command fails."""
    strace = ["strace", "-f", "-y", "-xx", "-s", "10000000", "-qq", "-o", str(log), "-e", f"trace={CALLS}"]
    subprocess.run([*strace, *command], check=True, capture_output=True)
    root = str(folder)
    operations = (_operation(*parts) for parts in _calls(log.read_text(errors="replace").splitlines()))
    return [one for one in operations if one and (one.path == root or one.path.startswith(f"{root}/"))]


def _calls(lines: Iterable[str]) -> Iterable[tuple[str, str, int, str]]:
    """Name, arguments, result and path of the result of every call that succeeded."""
    begun: dict[str, str] = {}
    for line in lines:
        if found := _BEGUN.fullmatch(line):
            begun[found[1]] = f"{found[1]} {found[2]}({found[3]}"
            continue
        if found := _RESUMED.fullmatch(line):
            line = begun.pop(found[1], "") + found[2]  # noqa: PLW2901
        found = _CALL.fullmatch(line)
        if found and int(found[4]) >= 0:
            yield found[2], found[3], int(found[4]), _plain(found[5] or "")


def _operation(call: str, arguments: str, result: int, opened: str) -> Operation | None:
    texts = [_bytes(one) for one in re.findall(r'"([^"]*)"', arguments)]
    first = re.match(r"\d+<([^>]*)>", arguments)
    path = _plain(first[1]) if first else ""
    numbers = re.findall(r", (\d+)", arguments)
    if call == "openat":
        return Operation("open", opened, empties="O_TRUNC" in arguments) if "O_CREAT" in arguments else None
    if call in ("write", "pwrite64"):
        return Operation("write", path, data=texts[0][:result], at=int(numbers[-1]) if call == "pwrite64" else None)
    if call in ("fsync", "fdatasync"):
        return Operation("sync", path)
    if call == "ftruncate":
        return Operation("truncate", path, at=int(numbers[-1]))
    if call == "fallocate":
        return Operation("extend", path, at=int(numbers[-2]) + int(numbers[-1]))
    names = [text.decode() for text in texts]
    return Operation(call, names[0], to=names[1] if call == "rename" else "") if names else None


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _plain(text: str) -> str:
    return _bytes(text).decode() if "\\x" in text else text


# Replaying


class Disk:
    """A folder with what is seen in it and what is durable."""

    def __init__(self, folder: Path) -> None:
        self.root = str(folder)
        self.files: dict[int, _File] = {}
        self.seen: dict[str, int] = {}
        for path in folder.iterdir():
            if path.is_file() and not path.name.endswith("-shm"):
                self.seen[str(path)] = self._new(path.read_bytes())
        self.durable = dict(self.seen)
        self.names: list[Operation | tuple[str, int]] = []
        """Changes of names that are not durable yet; a pair is a new file."""

    def _new(self, content: bytes = b"") -> int:
        self.files[len(self.files)] = _File(content)
        return len(self.files) - 1

    def play(self, one: Operation) -> None:
        if one.call == "open":
            if one.path not in self.seen:
                self.seen[one.path] = self._new()
                self.names.append((one.path, self.seen[one.path]))
            self._file(one.path).position = 0
            if one.empties:
                self._file(one.path).pending.append(Operation("truncate", one.path, at=0))
        elif one.call == "write" and one.path in self.seen:
            self._write(one)
        elif one.call in ("truncate", "extend"):
            self._file(one.path).pending.append(one)
        elif one.call == "sync":
            self._sync(one.path)
        elif one.call == "rename" and one.path in self.seen:
            self.seen[one.to] = self.seen.pop(one.path)
            self.names.append(one)
        elif one.call == "unlink":
            self.seen.pop(one.path, None)
            self.names.append(one)

    def _file(self, path: str) -> _File:
        return self.files[self.seen[path]]

    def _write(self, one: Operation) -> None:
        file = self._file(one.path)
        start = file.position if one.at is None else one.at
        if one.at is None:
            file.position += len(one.data)
        for place in range(0, len(one.data), PIECE):
            file.pending.append(Operation("write", one.path, data=one.data[place : place + PIECE], at=start + place))

    def _sync(self, path: str) -> None:
        if path in self.seen:
            file = self._file(path)
            file.durable = _after(file.durable, file.pending)
            file.pending = []
            created = [name for name in self.names if isinstance(name, tuple) and name[0] == path]
        else:
            created = [*self.names]  # a folder: the names in it
        for name in created:
            self.names.remove(name)
            _rename(self.durable, name)

    def lose_power(self, kept: Kept, chance: random.Random, folder: Path) -> None:
        """Write to `folder` what the disk may hold now."""
        number = {Kept.NOTHING: 0, Kept.SOME: chance.randint(0, len(self.names))}.get(kept, len(self.names))
        names = dict(self.durable)
        for one in self.names[:number]:
            _rename(names, one)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        for path, place in names.items():
            file = self.files[place]
            pending = file.pending if kept is Kept.ALL else []
            if kept is Kept.SOME:
                pending = [one for one in file.pending if chance.random() < 0.5]
            found = folder / Path(path).relative_to(self.root)
            if found.parent == folder:
                found.write_bytes(_after(file.durable, pending))
                found.chmod(0o600)


def _rename(names: dict[str, int], one: Operation | tuple[str, int]) -> None:
    if isinstance(one, tuple):
        names[one[0]] = one[1]
    elif one.call == "unlink":
        names.pop(one.path, None)
    elif one.path in names:
        names[one.to] = names.pop(one.path)


def _after(content: bytes, operations: Iterable[Operation]) -> bytes:
    result = bytearray(content)
    for one in operations:
        end = (one.at or 0) + len(one.data)
        if one.call == "truncate":
            del result[end:]
        result.extend(bytes(max(0, end - len(result))))
        if one.call == "write":
            result[one.at or 0 : end] = one.data
    return bytes(result)
