"""Patterns as git reads them in .gitignore, for ignore files and for --include and --exclude.

gitignore(5) says what they mean, and tests/ingest/gitignore.json holds what git itself answered. All patterns of
one source become two regular expressions whose time grows with the name's length alone, whatever the pattern:
an ignore file may come with a hostile archive. docs/decisions/0004-discovery.md compares with pathspec.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

FILES = (b".localsearchignore", b".ignore", b".gitignore")
"""Names of ignore files, the strongest first."""
MOST_BYTES = 256 << 10
MOST_PATTERNS = 2_000
"""In force at one place, from all ignore files above it; the longest list in github.com/github/gitignore has 420."""

NOTHING = "(?!)"
"""Matches never: what git does with a pattern that it cannot read."""

_TOKEN = re.compile(
    r"\\(?P<escaped>.)|\[(?P<not>[!^]?)(?P<set>\]?(?:\\.|[^\]\\])*)\]|(?P<stars>\*+)|(?P<any>\?)|(?P<plain>[^\\\[])",
    re.DOTALL,
)
_RANGE = re.compile(r"\\?(.)(?:-\\?(.))?", re.DOTALL)


class Patterns:
    """The patterns of one ignore file or one option. The last one that matches decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        rules = [rule for line in lines if (rule := _rule(line))]
        self._verdicts = [not rule.negated for rule in rules]
        self._by_name = _Alternatives(rules, by_name=True)
        self._by_path = _Alternatives(rules, by_name=False)

    def __len__(self) -> int:
        return len(self._verdicts)

    def verdict(self, path: str, name: str, *, folder: bool) -> bool | None:
        """True when the patterns name the path, False when a `!` takes it back, None when they are silent.

        `path` is relative to the patterns' folder and `name` is its last part. Do not ask for what lies below a
        folder that is named: git does not look there either.
        """
        slash = "/" if folder else ""
        last = max(self._by_name.last(name + slash), self._by_path.last(path + slash))
        return None if last < 0 else self._verdicts[last]


@dataclass(frozen=True, slots=True)
class _Rule:
    regex: str
    """Over a name when `by_name`, else over a path. A folder's name ends with a slash."""
    by_name: bool
    negated: bool


class _Alternatives:
    """Some of the rules as one regular expression. The group that took part tells which rule matched."""

    def __init__(self, rules: Sequence[_Rule], *, by_name: bool) -> None:
        places = [place for place, rule in enumerate(rules) if rule.by_name is by_name][::-1]
        # Each group is empty and last, so that the engine can reject an alternative by its first character.
        regex = "|".join(f"{rules[place].regex}()" for place in places)
        self._regex = re.compile(regex, re.DOTALL) if places else None
        self._places = (-1, *places)

    def last(self, subject: str) -> int:
        """Place of the last rule that matches, or -1."""
        match = self._regex.fullmatch(subject) if self._regex else None
        return self._places[match.lastindex or 0] if match else -1


def is_usable(line: str) -> bool:
    """False for a blank line, a comment, and a pattern that can never match, such as one with an open bracket."""
    rule = _rule(line)
    return rule is not None and NOTHING not in rule.regex


@lru_cache(maxsize=4_096)
def _rule(line: str) -> _Rule | None:
    """One line of an ignore file; None for a blank one or a comment."""
    text = _trimmed(line)
    if text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text[negated:]
    ending = "/" if text.endswith("/") else "/?"
    text = text.removesuffix("/")
    if not text:
        return None
    by_name = "/" not in text
    regex = _segment(text) if by_name else _path(text.removeprefix("/"))
    return _Rule(regex + ending, by_name, negated)


def _trimmed(line: str) -> str:
    """Without blanks at the end, unless a backslash keeps one."""
    text = line.rstrip(" ")
    backslashes = len(text) - len(text.rstrip("\\"))
    return f"{text} " if backslashes % 2 and len(text) < len(line) else text


def _path(pattern: str) -> str:
    """A pattern with slashes. `**` stands for any number of folders, at the end for anything below."""
    blocks: list[list[str]] = [[]]
    for segment in pattern.split("/"):
        if segment == "**":
            blocks.append([])
        else:
            blocks[-1].append(_segment(segment))
    if len(blocks) == 1:
        return "/".join(blocks[0])
    first, *middle, last = ["/".join(block) for block in blocks]
    regex = f"{first}/" if first else ""
    # A block has a fixed number of segments, so its first place is as good as any: no need to come back to it.
    regex += "".join(f"(?>(?:[^/]+/)*?{block}/)" for block in middle if block)
    return regex + (f"(?:[^/]+/)*{last}" if last else ".+")


def _segment(pattern: str) -> str:
    """A pattern without slashes: `*`, `?`, `[a-z]`, `[!a-z]`, and a backslash before what is meant as it stands."""
    if not pattern.strip("*"):
        return "[^/]+" if pattern else NOTHING
    parts = [""]
    position = 0
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if not token:
            return NOTHING
        position = token.end()
        if token["stars"]:
            parts.append("")
        else:
            parts[-1] += _character(token)
    if len(parts) == 1:
        return parts[0]
    first, *middle, last = parts
    # A part has a fixed width, so its first place is as good as any: no need to come back to it.
    return first + "".join(f"(?>[^/]*?{part})" for part in middle if part) + f"[^/]*{last}"


def _character(token: re.Match[str]) -> str:
    """The token, which stands for one character, as a regular expression."""
    if token["any"]:
        return "[^/]"
    if token["set"] is None:
        return re.escape(token["escaped"] or token["plain"])
    ranges = [(low, high or low) for low, high in _RANGE.findall(token["set"])]
    inside = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in ranges if low <= high)
    if token["not"]:
        return f"[^/{inside}]"
    return f"[{inside}]" if inside else NOTHING


def read(path: bytes, room: int) -> Patterns:
    """The patterns of an ignore file, at most `room` of them.

    Raises OSError when it cannot be opened, and ValueError, with a reason, when it should not be used.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("not a regular file")
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES >> 10} KB")
    lines = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape").split("\n")
    if len(lines) > 4 * room + MOST_PATTERNS:
        raise ValueError("too many lines")
    patterns = Patterns(line.removesuffix("\r") for line in lines)
    if len(patterns) > room:
        raise ValueError(f"more than {MOST_PATTERNS:,} patterns are in force here")
    return patterns
