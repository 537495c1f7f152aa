"""What stands where hits would: how to begin, what can be typed, why nothing was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.display import display
from localsearch.errors import LocalSearchError
from localsearch.names import count
from localsearch.records import Status
from localsearch.tui.filters import Chip
from localsearch.tui.places import short
from localsearch.tui.text import Line, Mark

if TYPE_CHECKING:
    from localsearch.tui.memory import Remembered
    from localsearch.tui.messages import Found

EXAMPLES = (
    ("a whole question", "What may a hotel cost?"),
    ("words that must occur together", '"notice period"'),
    ("a word that must not occur", "lease -draft"),
    ("only some files", "type:pdf  path:contracts/  after:2024"),
)
LATEST = 5


def _head(text: str) -> Line:
    return ((text, Mark.STRONG),)


def _key(key: str, text: str) -> Line:
    return ((f"  {key:<10}", Mark.ACCENT), (text, Mark.PLAIN))


def welcome(status: Status | None, remembered: Remembered) -> Iterator[Line]:
    """Before anything is typed."""
    if status is not None and not status.passages:
        yield _head("This index holds nothing yet.")
        yield ()
        yield _key("F2", "choose a folder to read, or see why nothing was read")
        return
    yield _head("Type to search. Results come as you type.")
    yield ()
    for what, example in EXAMPLES:
        yield ((f"  {example:<40}", Mark.ACCENT), (what, Mark.DIM))
    yield ()
    yield _key("↓ ↑", "choose a result;  PgDn PgUp  scroll its document;  F3  next match in it")
    yield _key("Enter", "go to the results; Enter again opens the document")
    yield _key("F1", "all keys")
    if remembered.history:
        yield ()
        yield _head("Used lately (Ctrl+R for more)")
        for text in remembered.history[:LATEST]:
            yield ((f"  {display(text)}", Mark.DIM),)


def no_index(folder: Path) -> Iterator[Line]:
    """Before the first document was read."""
    yield _head("Nothing is indexed yet.")
    yield ()
    yield (("localsearch finds passages in documents that it has read. Choose the folder that", Mark.PLAIN),)
    yield (("holds yours; it is read once, and nothing leaves this machine.", Mark.PLAIN),)
    yield ()
    yield _key("Enter", "choose a folder, here and now")
    yield _key("Ctrl+Q", "leave; `localsearch index FOLDER` does the same from a shell")
    yield ()
    yield ((f"The index will be made in {short(folder)}", Mark.DIM),)


def nothing_found(found: Found, chips: Sequence[Chip]) -> Iterator[Line]:
    """The search gave no hit."""
    yield ((f"Nothing found for “{display(found.text)}”.", Mark.STRONG),)
    yield ()
    hits = found.hits
    held_back = hits.missing + hits.unreadable + hits.damaged
    if held_back:
        yield (
            (
                f"  {count(held_back, 'passage')} would match, but their files are gone, unreadable or damaged.",
                Mark.WARNING,
            ),
        )
    if chips:
        names = ", ".join(f"{chip.name}:{display(chip.value)}" for chip in chips)
        yield _key("Ctrl+F", f"remove a filter ({names}), or click its ✕")
    yield _key("Ctrl+T", "search another way: by meaning, or by words")
    yield _key("", "use other words, or fewer; words in quotes must occur as they are")
    yield _key("F2", "see which folders are indexed, and which files were skipped")


def problem(error: Exception) -> Iterator[Line]:
    """The search, or opening the index, failed."""
    if isinstance(error, LocalSearchError):
        yield ((display(error.message), Mark.WARNING),)
        if error.hint:
            yield ((display(error.hint), Mark.PLAIN),)
        return
    yield ((display(f"Unexpected failure: {type(error).__name__}: {error}"), Mark.WARNING),)
    yield (("The index is not harmed. Please report it.", Mark.PLAIN),)
