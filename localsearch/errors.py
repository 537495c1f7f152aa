"""Every failure that a user can meet: what happened, where, what to do, how to exit.

    LocalSearchError              1
    ├── PathProblem               1   a path is missing, or is not a file or folder
    │   └── PathUnreadable        4   the system refuses to let us read it
    ├── QueryError                1   empty, too long, or wrong filter
    ├── SettingsError             1   a settings file or variable has a bad value
    ├── MissingExtra              1   an optional part is not installed
    ├── EncoderError              1   an encoder folder is missing, damaged or of another kind
    ├── IndexNotFound             1   no index at the given folder
    ├── IndexMismatch             1   made by another encoder or a newer version
    ├── IndexDamaged              2   what is stored does not hold together
    ├── IndexBusy                 3   another process is writing
    │   └── EraseUnfinished       3   forgotten, but a reader still holds the files' old state
    └── StorageError              4   disk full, input/output error, or unsafe permissions

Exit codes: 0 fine, 1 usage or failure, 2 needs repair, 3 locked, 4 disk or permission.
"""

from __future__ import annotations


class LocalSearchError(Exception):
    """Base of all expected failures. `message` says what and where, `hint` what to do."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class PathProblem(LocalSearchError):
    """A path does not exist, or is of a kind that cannot be indexed."""


class PathUnreadable(PathProblem):
    """The operating system does not let us read a path."""

    exit_code = 4


class QueryError(LocalSearchError):
    """A query or filter that cannot be understood."""


class SettingsError(LocalSearchError):
    """A settings file or environment variable holds a value that cannot be used."""


class MissingExtra(LocalSearchError):
    """An optional part of localsearch is not installed."""


class EncoderError(LocalSearchError):
    """An encoder folder is missing, incomplete, damaged, or of a kind that is not accepted."""


class IndexNotFound(LocalSearchError):
    """No index at the given folder."""


class IndexMismatch(LocalSearchError):
    """The index was made by another encoder or by a newer version of localsearch."""


class IndexDamaged(LocalSearchError):
    """Stored data does not hold together."""

    exit_code = 2


class IndexBusy(LocalSearchError):
    """Another process is writing to the index."""

    exit_code = 3


class EraseUnfinished(IndexBusy):
    """What was forgotten is out of the index, but not yet out of its files: a reader holds an older state."""

    files = 0
    """How many files are forgotten."""


class StorageError(LocalSearchError):
    """The disk is full or fails, or the index folder's owner or permissions are unsafe."""

    exit_code = 4
