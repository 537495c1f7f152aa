"""What guards this machine against its documents, as the kernel has confirmed it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from localsearch.privacy import seal

if TYPE_CHECKING:
    from localsearch.privacy import WorkerSeal

LAYERS = {
    "system_calls": "no programs, network or file changes",
    "files": "no reading of other files",
    "limits": "limits on memory and output",
}
"""Fields of WorkerSeal, and what each keeps a parser from."""


def parser_seal() -> WorkerSeal | None:
    """The layers of a real parser process, started to tell; None when it does not start."""
    from localsearch.errors import LocalSearchError
    from localsearch.ingest.parse.pool import ParserPool

    nothing = os.memfd_create("nothing")
    try:
        with ParserPool(1) as pool:
            pool.parse(nothing, "nothing.txt")
            return pool.seal
    except LocalSearchError:
        return None
    finally:
        os.close(nothing)


def describe_network() -> str:
    return seal().detail


def describe_parsers() -> str:
    """One line on the layers around the processes that read documents."""
    found = parser_seal()
    if found is None:
        return "no parser process can be started"
    active = [text for name, text in LAYERS.items() if getattr(found, name)]
    lacking = [text for name, text in LAYERS.items() if not getattr(found, name)]
    return "; ".join([*active, *(f"NOT on this system: {text}" for text in lacking)])
