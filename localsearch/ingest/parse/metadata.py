"""Title, author and date out of a document's properties, without the junk that programs leave there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localsearch.ingest.parse import clean

# What programs write when nobody gave a title, in the languages of the common office suites.
_JUNK_TITLE = re.compile(
    r"""(microsoft\ (word|excel|powerpoint|office)\b.*
    | (powerpoint|word)?[\ -]?(presentation|pr[äa]sentation|pr[ée]sentation|presentaci[óo]n|presentazione|document)\d*
    | (untitled|unbenannt|sans\ nom|sin\ t[íi]tulo|senza\ titolo|no\ ?title|title|titel|none|null|unknown|new)[\s\d.-]*
    | (document|dokument|book|mappe|classeur|slide|folie|sheet|tabelle|page|seite|layout|scan|image|print)[\s_-]*\d*
    | .*\.(docx?|xlsx?|pptx?|pdf|rtf|odt|indd|pmd|qxd|fm|tex|dvi|ps|eps|cdr|ai|html?|tmp|dot[xm]?|pot[xm]?|p65)
    | [\W\d_]*
    | [a-z]:\\.* | (file|https?)://.* | /\S+/\S*
    | 演示文稿\d* | 文档\d* | 無題.* | 无标题.*)""",
    re.IGNORECASE | re.VERBOSE,
)
_JUNK_AUTHOR = re.compile(
    r"""(anonymous | unknown | user | admin\w* | author | owner | none | default | root | [\W\d_]*
    | \w+\(0x[0-9a-f]+\) | microsoft(\ office)?(\ user)? | openpyxl | python-(docx|pptx) | apache\ poi)""",
    re.IGNORECASE | re.VERBOSE,
)
_FIRST_DATE = datetime(1970, 1, 2, tzinfo=UTC)
_LAST_DATE = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a document says about itself."""

    title: str = ""
    author: str = ""
    date: int | None = None
    """Seconds since the epoch, UTC."""


def facts(properties: Mapping[str, Any], *, written: str) -> Facts:
    """Facts from kreuzberg's metadata. `written`: which date counts, `created_at` or `modified_at`."""
    other = "modified_at" if written == "created_at" else "created_at"
    authors = properties.get("authors") or ()
    return Facts(
        title=title(str(properties.get("title") or "")),
        author=author(", ".join(str(name) for name in authors)),
        date=date(str(properties.get(written) or "")) or date(str(properties.get(other) or "")),
    )


def title(text: str) -> str:
    """The title, or nothing when it is one that a program made up."""
    line = clean.one_line(text)
    return "" if _JUNK_TITLE.fullmatch(line) else line


def author(text: str) -> str:
    """The author, or nothing when it names nobody."""
    line = clean.one_line(text)
    return "" if _JUNK_AUTHOR.fullmatch(line) else line


def date(text: str) -> int | None:
    """Seconds since the epoch of an ISO 8601 date; a date without a zone is taken as UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return seconds(moment)


def seconds(moment: datetime) -> int | None:
    """Seconds since the epoch, or None for a date that no document of today can have."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) if _FIRST_DATE <= moment <= _LAST_DATE else None
