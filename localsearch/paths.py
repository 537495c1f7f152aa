"""Paths: which index a command uses, how a path is written down, and what kind of disk a folder is on.

A path is identified by its bytes (`os.fsencode`), because a file name need not be text. `shown` is what people,
globs and the database's text columns see. Machine-readable output writes `os.fsdecode(path)` with JSON's ASCII
escapes, so that `os.fsencode` gives the bytes back.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

DATABASE = "localsearch.db"
"""A folder with this file is an index."""

NETWORK_FILE_SYSTEMS = re.compile(
    r"afs|beegfs|ceph|cifs|coda|davfs|gfs2|glusterfs|gpfs|lustre|ncpfs|nfs4?|ocfs2|smb3|smbfs"
    r"|fuse\.(ceph|curlftpfs|davfs|glusterfs|gvfsd-fuse|rclone|s3fs|smbnetfs|sshfs)"
)
"""Types in /proc/self/mountinfo whose locks and shared memory do not hold between machines. Folders of a
virtual machine's host (9p, virtiofs) are left out: containers have them as their root."""

MOUNTS = Path("/proc/self/mountinfo")

HERE = "./index"
"""Why an index was chosen that nobody has named: it lies in the current folder."""


@dataclass(frozen=True, slots=True)
class IndexChoice:
    """The index folder a command uses, and why."""

    folder: Path
    """Absolute. It need not exist."""
    why: str
    """`--index`, `LOCALSEARCH_INDEX`, `./index` or `the user's data folder`."""


def find_index(explicit: Path | None = None) -> IndexChoice:
    """`--index`, then LOCALSEARCH_INDEX, then ./index if it is an index, then the user's data folder."""
    if explicit is not None:
        return IndexChoice(explicit.absolute(), "--index")
    if named := os.environ.get("LOCALSEARCH_INDEX"):
        return IndexChoice(Path(named).absolute(), "LOCALSEARCH_INDEX")
    here = Path("index")
    if is_index(here):
        return IndexChoice(here.absolute(), HERE)
    import platformdirs

    return IndexChoice(Path(platformdirs.user_data_dir("localsearch")) / "index", "the user's data folder")


def encoders_folder() -> Path:
    """Where the user's encoders live, one folder each. It need not exist."""
    import platformdirs

    return Path(platformdirs.user_data_dir("localsearch")) / "encoders"


def trainings_folder() -> Path:
    """Where trainings keep their text while they are not finished, one folder each. It need not exist."""
    import platformdirs

    return Path(platformdirs.user_data_dir("localsearch")) / "trainings"


def is_index(folder: Path) -> bool:
    """True when the folder holds an index, healthy or not."""
    return os.path.lexists(folder / DATABASE)


def absolute(path: str | bytes | os.PathLike[str]) -> bytes:
    """The one name of a root: absolute, normalised, symbolic links resolved. The path need not exist."""
    return os.path.realpath(os.fsencode(path))


def shown(path: bytes) -> str:
    """A path as text, the same in every locale: UTF-8, and a byte that is not as `\\xff`.

    It may still hold control characters and line breaks; whatever prints it goes through `display`.
    """
    return path.decode("utf-8", "backslashreplace")


def is_network_mount(folder: Path) -> bool:
    """True when the folder, or the nearest parent that exists, lies on a network file system.

    False where the system does not tell (no /proc).
    """
    try:
        mounts = MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return False
    return NETWORK_FILE_SYSTEMS.fullmatch(file_system(os.path.realpath(folder), mounts)) is not None


def file_system(path: str, mounts: str) -> str:
    """Type of the file system that `path` (absolute, real) lies on; empty when no mount covers it.

    `mounts` is the text of /proc/self/mountinfo, proc(5): the fifth field is the mount point, and the type follows
    the lone hyphen. The longest mount point that covers the path counts, and of equals the last one mounted.
    """
    longest, kind = -1, ""
    for line in mounts.splitlines():
        mount, _, source = line.partition(" - ")
        point = _unescape(mount.split(" ")[4]).rstrip("/")
        if len(point) >= longest and (path == point or path.startswith(f"{point}/")):
            longest, kind = len(point), source.split(" ")[0]
    return kind


def _unescape(field: str) -> str:
    """The kernel writes blanks and backslashes in mountinfo as three octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), field)
