"""What an indexing run tells, and what an index holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an indexing run stands; sent to the callback of `Index.add` and `Index.update`."""

    files_done: int
    files_total: int
    passages_done: int
    """Passages stored in this run, encoded or taken from vectors already there."""
    passages_encoded: int
    bytes_done: int
    """Bytes of the files done; with `bytes_total` the basis for the time left."""
    bytes_total: int
    seconds: float
    """Since the run began."""
    current: str = ""
    """Shown path of the file at work."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that gave nothing, or not everything, and why."""

    path: str
    reason: str
    transient: bool = False
    """True when the machine is to blame, or somebody who wrote to the file meanwhile: what was known of it is kept, and
    the next run tries again."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an indexing run did."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    passages: int = 0
    """Passages in the index after the run."""
    encoded: int = 0
    """Passages that went through the encoder; the rest had a vector already."""
    skipped: tuple[Skipped, ...] = ()
    """Told by this run; what failed for the same reason before is only counted in `failing`."""
    failing: int = 0
    """Files of the index that gave no text, or could not be read the last time: `Status.skipped` names them."""
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Switched:
    """What a change to another encoder did."""

    encoder: str
    """Name of the one that the index uses now."""
    passages: int
    encoded: int
    """Passages that went through the encoder in this run; the rest had a vector of it already."""
    cut: int
    """Passages that are longer than the encoder reads; the rest of their text counts in the keyword search alone."""
    passage_size: int
    """Word pieces of the passages that are made from now on."""
    split_again: bool
    """Whether that differs from before: then the next indexing run reads every file again."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Root:
    """A file or folder that was added to the index, and how it fares."""

    path: str
    files: int
    passages: int
    complete: bool
    """False when the last run over it was interrupted, or is under way."""
    updated: int | None
    """End of its last complete run, seconds since the epoch, UTC."""
    present: bool
    """False when the path is not there now (an unplugged drive): nothing of it is forgotten."""


@dataclass(frozen=True, slots=True)
class Status:
    """What an index holds."""

    folder: Path
    format: int
    generation: int
    """Counts commits; a reader that sees the same number sees the same content."""
    encoder: str
    fingerprint: str
    dim: int
    roots: tuple[Root, ...]
    files: int
    """Files with at least one passage."""
    documents: int
    passages: int
    bytes: int
    """Size of the index folder on disk."""
    types: tuple[tuple[str, int], ...]
    """File type and number of files with passages, most frequent first."""
    skipped: tuple[Skipped, ...]
    """Files that gave nothing, or not everything, or could not be read the last time, and why."""
    pending: int
    """Files that could not be read the last time through no fault of their own: the next run tries again."""
    cached: int
    """Passages in the FAISS cache; the rest are scanned from their stored vectors."""
    updated: int | None
    """End of the last complete indexing run, seconds since the epoch, UTC."""
    erasing: bool
    """True while something that was forgotten may still be in the files of the index."""
    complete: bool
    """False when a run is under way or was interrupted: see `roots`. Files that are `pending` do not count."""
    writer: int | None
    """The process that writes to the index now; None when there is none, 0 when it is not told which."""
