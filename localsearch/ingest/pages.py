"""What is this page about? Its own title line, where the parser found no heading.

A PDF has no headings, only letters that look like some; the parser finds many of them, and the last one found stays
in force over all the pages that follow. A page that begins with a line like `Consolidated Balance Sheets` says better
what stands on it. Without that line the second half of a long table is a list of numbers about nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from localsearch.records import Block, BlockKind, Document

MOST_LINES = 2
"""Lines of a title."""
_LOOKED_AT = 5
"""First lines of a page that may be running headers or its title."""
_MOST_WORDS = 12
_REPEATED = 20
"""A line that begins more than one page in so many (and more than two) is a running header."""
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]{4,}")


def with_page_titles(document: Document) -> Document:
    """The document, its blocks before the first heading of a page set under the page's own title, if it has one."""
    pages = _pages(document.blocks)
    if len(pages) < 2:
        return document
    running = _running_headers(pages.values())
    titles = {page: _title(blocks, running) for page, blocks in pages.items()}
    return replace(document, blocks=tuple(_titled(document.blocks, titles)))


def _titled(blocks: Sequence[Block], titles: dict[int, tuple[str, ...]]) -> Iterator[Block]:
    headed: int | None = None
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            headed = block.page
        title = titles.get(block.page, ()) if block.page is not None else ()
        yield replace(block, headings=title) if title and block.page != headed else block


def _pages(blocks: Iterable[Block]) -> dict[int, list[Block]]:
    pages: dict[int, list[Block]] = {}
    for block in blocks:
        if block.page is not None:
            pages.setdefault(block.page, []).append(block)
    return pages


def _first_lines(blocks: Iterable[Block]) -> Iterator[str]:
    lines = (" ".join(line.split()) for block in blocks for line in block.text.split("\n"))
    return islice(filter(None, lines), _LOOKED_AT)


def _running_headers(pages: Iterable[list[Block]]) -> frozenset[str]:
    """Lines that begin many pages, numbers aside: `Table of Contents`, the company's name, `Page 12 of 90`."""
    seen: Counter[str] = Counter()
    count = 0
    for blocks in pages:
        seen.update(set(map(_without_numbers, _first_lines(blocks))))
        count += 1
    most = max(2, count // _REPEATED)
    return frozenset(line for line, times in seen.items() if times > most)


def _without_numbers(line: str) -> str:
    return _DIGITS.sub("#", line.casefold())


def _title(blocks: Iterable[Block], running: frozenset[str]) -> tuple[str, ...]:
    """The title lines that a page begins with, after running headers and page numbers."""
    found: list[str] = []
    for line in _first_lines(blocks):
        if not found and (_without_numbers(line) in running or not _WORD.search(line)):
            continue
        if not looks_like_title(line) or len(found) == MOST_LINES:
            break
        found.append(line)
    return tuple(found)


def looks_like_title(line: str) -> bool:
    """A short line of words, most of them with capitals, that is not a sentence, a row of figures or cut off."""
    words, letters = line.split(), sum(map(str.isalpha, line))
    if len(words) > _MOST_WORDS or line[-1] in ".,;:" or not (line[0].isupper() or line[0].isdigit()):
        return False
    long = _WORD.findall(line)
    capitals = sum(word[0].isupper() or not word[0].isalpha() for word in long)
    return (
        letters >= 0.75 * len(line.replace(" ", ""))
        and 2 * capitals > len(long) > 0
        and not (words[-1].islower() and len(words[-1]) < 4)
    )
