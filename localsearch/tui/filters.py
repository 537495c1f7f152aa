"""Filters inside the query's text: `type:pdf -path:drafts/ after:2024`, as the engine reads them.

The text is the one truth: chips show what stands in it, and a click on a chip changes the text. So history and saved
searches are plain texts, and what works here works on the command line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from dataclasses import dataclass

from localsearch.paths import shown
from localsearch.search.operators import PATTERN
from localsearch.tui.places import here

NAMES = ("type", "path", "author", "title", "after", "before")

_FILTER = re.compile(PATTERN, re.VERBOSE)
_UNFINISHED = re.compile(rf"(?<!\S)-?({'|'.join(NAMES)}):(\"[^\"]*)?$", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(-\d{1,2}(-\d{1,2})?)?")


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter as it stands in the text."""

    name: str
    """With a minus before it when it excludes: `-path`."""
    value: str
    """Without quotation marks."""
    start: int
    """First character in the text."""
    end: int


def chips(text: str) -> tuple[Chip, ...]:
    """The filters of a query, in the order in which they stand there."""
    return tuple(
        Chip(f"{found['not']}{found['key'].lower()}", found["quoted"] or found["value"], found.start(), found.end())
        for found in _FILTER.finditer(text)
    )


def without(text: str, chip: Chip) -> str:
    """The query without one of its filters."""
    return " ".join((text[: chip.start] + text[chip.end :]).split())


def words(text: str) -> str:
    """The query without any filter."""
    return " ".join(_UNFINISHED.sub(" ", _FILTER.sub(" ", text)).split())


def toggled(text: str, name: str, value: str) -> str:
    """The query with a filter added, or removed when it is there. A date replaces the one of its name."""
    same = [chip for chip in chips(text) if chip.name == name]
    for chip in same:
        if chip.value == value:
            return without(text, chip)
    for chip in same if name in ("after", "before") else ():
        text = without(text, chip)
    quoted = f'"{value}"' if re.search(r"\s", value) else value
    return f"{text.strip()} {name}:{quoted}".strip()


def settled(text: str, types: Collection[str]) -> str:
    """What of a text in the making is ready to be searched: a filter that is still being typed waits.

    `types`: the file types of the index; another one at the end of the text is not finished.
    """
    text = _UNFINISHED.sub("", text)
    last = next((chip for chip in reversed(chips(text)) if chip.end == len(text)), None)
    if last is None or text.endswith('"'):
        return text
    name = last.name.removeprefix("-")
    if name == "type":
        is_ready = last.value.lower().lstrip(".") in types or not types
    elif name in ("after", "before"):
        is_ready = _DATE.fullmatch(last.value) is not None
    else:
        is_ready = len(last.value) > 2
    return text if is_ready else text[: last.start].rstrip()


def glob_of(path: str) -> str:
    """A folder as the value of `path:`, seen from the current folder when it lies there."""
    relative = os.path.relpath(path, here())
    text = shown(os.fsencode(path if relative.startswith("..") or relative == "." else relative))
    return re.sub(r"[\[*?]", r"[\g<0>]", text).replace('"', "?") + "/"
