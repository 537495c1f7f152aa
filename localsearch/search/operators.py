"""Filters inside the query's text: `type:pdf -path:drafts/ after:2024 author:"ann smith"`.

The syntax, and what other programs do: docs/decisions/0007-query-language.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from localsearch.errors import QueryError
from localsearch.records import Filters
from localsearch.search.filters import parse_date, parse_name, parse_path, parse_type

PATTERN = r"""
    (?<! \S ) (?P<not> -? ) (?P<key> (?i: type | path | author | title | after | before ) ) :
    (?: " (?P<quoted> [^"]+ ) " (?! \S ) | (?P<value> [^\s"] \S* ) )
"""
"""One filter, as a verbose regular expression with straight quotation marks."""

_READ: dict[str, Callable[[str], str]] = {
    "type": parse_type,
    "path": parse_path,
    "author": parse_name,
    "title": parse_name,
}


@dataclass(slots=True)
class Collector:
    """The filters of one query, one after the other."""

    _only: dict[str, list[str]] = field(default_factory=lambda: {key: [] for key in _READ})
    _never: dict[str, list[str]] = field(default_factory=lambda: {key: [] for key in _READ})
    _after: list[int] = field(default_factory=list)
    _before: list[int] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    """As the user wrote them."""

    def take(self, key: str, value: str, *, negated: bool, typed: str) -> None:
        """Remember one filter. Raises QueryError when the value is none for that key."""
        key = key.lower()
        try:
            if key in _READ:
                (self._never if negated else self._only)[key].append(_READ[key](value))
            else:
                moment = parse_date(value)
                if negated:
                    other = "before" if key == "after" else "after"
                    raise QueryError(f"{key}: cannot be excluded.", hint=f"Write {other}:{value}")
                (self._after if key == "after" else self._before).append(moment)
        except QueryError as error:
            hint = f"{error.hint.rstrip('.')}; in quotation marks, {typed.replace(chr(34), '')} is text to look for."
            raise QueryError(error.message, hint=hint) from None
        self.typed.append(typed)

    @property
    def only(self) -> Filters:
        """What a hit must be. Dates narrow each other, everything else repeated means any of them."""
        after = max(self._after, default=None)
        return _filters(self._only, after, min(self._before, default=None))

    @property
    def never(self) -> Filters:
        """No hit may be any of these."""
        return _filters(self._never, None, None)


def _filters(values: dict[str, list[str]], after: int | None, before: int | None) -> Filters:
    return Filters(
        paths=tuple(values["path"]),
        types=tuple(values["type"]),
        after=after,
        before=before,
        authors=tuple(values["author"]),
        titles=tuple(values["title"]),
    )
