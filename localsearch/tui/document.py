"""A document as the preview shows it: its passages in order, laid out for a width, with every match marked.

Pure: a thread lays out, the widget only looks up lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from localsearch.names import page_word
from localsearch.records import IndexedPassage
from localsearch.tui.tables import SEPARATOR, cells, is_row, table
from localsearch.tui.text import Line, Mark, Span, lines_of, marked, plain, wrap

WINDOW = 40
"""Passages laid out at once around the one looked at; a long report has thousands."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be marked in one passage."""

    words: tuple[Span, ...] = ()
    """Places of the query's words in its text."""
    best: Span | None = None
    """The sentence that carries the match."""
    is_hit: bool = False
    """Whether it is among the search's results."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document laid out."""

    lines: tuple[Line, ...]
    owners: tuple[int, ...]
    """For each line the passage that it is of; 0 for rules between pages."""
    begins: Mapping[int, int]
    """For each passage laid out, its first line."""
    earlier: int
    """Passages before the first one laid out."""
    later: int
    """Passages after the last one laid out."""
    best: Mapping[int, int]
    """For each passage with a match, the line of its best sentence or else of its first match."""


@dataclass(frozen=True, slots=True)
class _Source:
    """One line of the document before it is fitted to a width."""

    line: Line
    owner: int
    header: str = ""


def lay_out(
    passages: Sequence[IndexedPassage], findings: Mapping[int, Finding], *, around: int, width: int, file: str
) -> Sheet:
    """The document around one of its passages, `width` columns wide. `file` tells what its pages are called."""
    first, last = window(passages, around)
    sources = _sources(passages[first:last], findings, width, page_word(file), is_start=first == 0)
    lines: list[Line] = []
    owners: list[int] = []
    for line, owner in _fitted(sources, width):
        lines.append(line)
        owners.append(owner)
    begins = {owner: at for at, owner in reversed(list(enumerate(owners))) if owner}
    return Sheet(tuple(lines), tuple(owners), begins, first, len(passages) - last, _best_lines(lines, owners))


def window(passages: Sequence[IndexedPassage], around: int) -> tuple[int, int]:
    """Places of the first passage laid out around another one, and after the last."""
    place = next((at for at, one in enumerate(passages) if one.id == around), 0)
    return max(0, place - WINDOW // 2), min(len(passages), place + WINDOW // 2 + 1)


def stops(passages: Sequence[IndexedPassage], findings: Mapping[int, Finding]) -> tuple[int, ...]:
    """Passages to jump to: the results, and those with more than half of the words that the fullest one has."""
    different = {
        one.id: len({one.text[start:end].casefold() for start, end in findings[one.id].words})
        for one in passages
        if one.id in findings
    }
    most = max(different.values(), default=0)
    return tuple(number for number, words in different.items() if findings[number].is_hit or 2 * words > most)


def _sources(
    passages: Sequence[IndexedPassage], findings: Mapping[int, Finding], width: int, word: str, *, is_start: bool
) -> list[_Source]:
    out: list[_Source] = []
    page, end = None, None
    for passage in passages:
        if passage.page is not None and passage.page != page:
            out += [_Source((), 0)] if out else []
            out.append(_Source(_rule(f"{word} {passage.page}", width), 0))
        elif end is not None and passage.start - end > 1:
            out.append(_Source((), 0))
        elif not out and not is_start:
            out.append(_Source(_rule("the document begins further up", width), 0))
        page, end = passage.page, passage.end
        out += _passage(passage, findings.get(passage.id, Finding()))
    return out


def _rule(label: str, width: int) -> Line:
    text = f"── {label} "
    return ((text + "─" * max(0, width - len(text)), Mark.DIM),)


def _passage(passage: IndexedPassage, finding: Finding) -> list[_Source]:
    spans = [(start, end, Mark.MATCH) for start, end in finding.words]
    spans += [(*finding.best, Mark.BEST)] if finding.best else []
    headings = set(passage.heading.split(" > "))
    header = passage.context.rpartition("\n")[2]
    out: list[_Source] = []
    for line in lines_of(marked(passage.text, spans, multiline=True)):
        is_heading = plain(line).strip() in headings
        shown = tuple((part, mark | Mark.STRONG) for part, mark in line) if is_heading else line
        out.append(_Source(shown, passage.id, header))
    return out


def _fitted(sources: Sequence[_Source], width: int) -> list[tuple[Line, int]]:
    out: list[tuple[Line, int]] = []
    for rows, group in groupby(sources, key=lambda source: bool(source.owner) and is_row(source.line)):
        members = list(group)
        if rows and len(members) > 1:
            split = [cells(member.line) for member in members]
            header = next((one.header for one in members if SEPARATOR in one.header), "") or plain(members[0].line)
            for member, lines in zip(members, table(split, width, header), strict=True):
                out += [(line, member.owner) for line in lines]
        else:
            out += [(line, member.owner) for member in members for line in wrap(member.line, width)]
    return out


def _best_lines(lines: Sequence[Line], owners: Sequence[int]) -> dict[int, int]:
    found: dict[int, tuple[int, int]] = {}
    for at, (line, owner) in enumerate(zip(lines, owners, strict=True)):
        marks = [mark for _, mark in line]
        value = 2 if any(mark & Mark.BEST for mark in marks) else int(any(mark & Mark.MATCH for mark in marks))
        if owner and value > found.get(owner, (0, 0))[0]:
            found[owner] = (value, at)
    return {owner: at for owner, (_, at) in found.items()}
