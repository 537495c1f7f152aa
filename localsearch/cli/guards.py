"""What guards this machine against its documents, as the kernel has confirmed it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from localsearch.privacy import seal

if TYPE_CHECKING:
    from localsearch.privacy import WorkerSeal

LAYERS = {
    "system_calls": "no files, network or programs (seccomp)",
    "files": "no files, a second time (Landlock)",
    "limits": "limits on memory and output",
}
"""Fields of WorkerSeal, and what each keeps a parser from."""


def parser_seal() -> WorkerSeal | None:
    """The layers of a real parser process, started to tell; None when it does not start."""
    from localsearch.errors import LocalSearchError
    from localsearch.ingest.parse.pool import ParserPool

    nothing = os.memfd_create("nothing")
    try:
        with ParserPool(1, unsealed=True) as pool:
            pool.parse(nothing, "nothing.txt")
            return pool.seal
    except LocalSearchError:
        return None
    finally:
        os.close(nothing)


def describe_network() -> str:
    return seal().detail


def describe_parsers() -> str:
    """What a process that reads documents found when it tried to get out."""
    found = parser_seal()
    if found is None:
        return "no parser process can be started"
    active = [text for name, text in LAYERS.items() if getattr(found, name)]
    lacking = [f"NOT on this system: {text}" for name, text in LAYERS.items() if not getattr(found, name)]
    through = [f"NOT refused when it was tried: {', '.join(found.let_through)}"] if found.let_through else []
    return "; ".join([*(["tried and refused: " + "; ".join(active)] if active else []), *lacking, *through])
