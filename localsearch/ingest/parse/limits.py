"""What one document may cost. A document that wants more is reported and left out."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a parser worker; the defaults are for real runs, tests shorten them."""

    memory: int = 1024 * MIB
    """Bytes of address space of a worker."""
    cpu_seconds: float = 30.0
    """Processor time for one document."""
    asleep_seconds: float = 30.0
    """A worker none of whose threads did anything for so long waits for something that will not come."""
    wall_seconds: float = 600.0
    """Time for one document. A worker that comes to this is kept waiting by the machine, not by the document."""
    text_bytes: int = 50 * MIB
    """UTF-8 bytes of text that one file may give; what follows is left out, with a note."""
    answer_bytes: int = 128 * MIB
    """Bytes of an answer on the wire: the text, its headings and the JSON around them."""
    file_bytes: int = 256 * MIB
    """Bytes of a file, and of all that its archive members unpack to."""
    members: int = 2000
    """Documents inside one archive or mailbox."""
    depth: int = 4
    """Archives inside archives, attachments of attached mails."""
    ratio: int = 200
    """Unpacked bytes for each packed byte; text rarely exceeds 20, a bomb has 1,000."""
    documents_per_worker: int = 200
    resident: int = 300 * MIB
    """A worker that holds more memory than this after a document is replaced."""
