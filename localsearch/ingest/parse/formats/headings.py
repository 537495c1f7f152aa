"""Headings in text that marks none: only what is written like one beyond doubt."""

from __future__ import annotations

import re

_LONGEST = 90
"""Characters."""
LOWEST = 6
"""The level of a heading that nothing but its look tells."""
_PART = re.compile(r"(part|teil|book|volume)\s+([ivx]+|\d+)\b", re.IGNORECASE)
_SECTION = re.compile(
    r"(item|note|section|article|chapter|appendix|annex|schedule|exhibit|kapitel|abschnitt|anhang|artikel)"
    r"\s+(\d+[a-z]?|[ivx]+|[a-z])\b[.:)—–-]?\s*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})[.)]?\s+(?=[^\W\d_])")
_PAGE_NUMBER = re.compile(r"[\s.…]\d{1,4}$")
_END = re.compile(r"[.,;:!?。，；]$")


def level(line: str) -> int | None:
    """The level of a heading, 1 the outermost; None for any other line."""
    if not 4 <= len(line) <= _LONGEST or _PAGE_NUMBER.search(line) or _END.search(line):
        return None
    if _PART.match(line) and len(line) <= 60:
        return 1
    if (match := _SECTION.match(line)) and _is_name(line[match.end() :], empty=True):
        return 2
    if (match := _NUMBERED.match(line)) and _is_name(line[match.end() :]):
        return 2 + match[1].count(".")
    return 3 if _is_capitals(line) else None


def is_title(line: str) -> bool:
    """Whether a line is written like a title: a few words, all long ones with a capital, no end of a sentence."""
    words = line.split()
    if not 1 <= len(words) <= 9 or not 4 <= len(line) <= 70 or _END.search(line) or _PAGE_NUMBER.search(line):
        return False
    long_words = [word.lstrip('(“"‘') for word in words if len(word) > 3]
    return bool(long_words) and words[0][0].isupper() and all(word[:1].isupper() for word in long_words)


def _is_name(text: str, *, empty: bool = False) -> bool:
    """Whether the rest of a numbered line is a name: begins with a capital, and is no sentence."""
    words = text.split()
    if not words:
        return empty
    return words[0][0].isupper() and len(words) <= 12


def _is_capitals(line: str) -> bool:
    """A line of capitals with at least two words and few digits."""
    letters = [character for character in line if character.isalpha()]
    words = [word for word in line.split() if len(word) > 2 and word.isalpha()]
    return len(words) >= 2 and line.upper() == line != line.lower() and len(letters) > 0.7 * len(line.replace(" ", ""))
