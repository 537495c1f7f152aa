"""What does the name of a file say? The words of its name and of the folder it lies in, without what says nothing."""

from __future__ import annotations

import re
from posixpath import basename, split, splitext

_LONGEST = 120
"""Characters; a name is a few words, not a text."""
_PARTS = re.compile(r"[\W_]+|(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBERED = re.compile(r"(?i)(?=(?:.*\d){3})[a-z\d]{8,}")
"""`a81f3e29`, `IMG20240113`: given by a machine."""
_SAYS_NOTHING = """
archive attachment attachments copy data default desktop doc docs document documents docx dokument dokumente download
downloads dsc file files folder html image images img inbox index input kopie main new page pdf pdfs readme scan scans
screenshot temp tmp txt unbenannt untitled
"""
_EMPTY = frozenset(_SAYS_NOTHING.split())


def spoken_name(shown: str, member: str = "") -> str:
    """`clients/Acme/lease_2019-final.pdf` is `Acme lease 2019 final`; `scans/IMG_2034.jpg` is empty.

    `shown`: path of the file. `member`: place inside it; counts instead when it is the name of a file too.
    """
    folder, name = split(member if splitext(member)[1] else shown)
    words = [word for part in (basename(folder), splitext(name)[0]) for word in _PARTS.split(part) if _speaks(word)]
    return " ".join(dict.fromkeys(words))[:_LONGEST]


def _speaks(word: str) -> bool:
    if not any(map(str.isalpha, word)):
        return _YEAR.fullmatch(word) is not None
    return word.casefold() not in _EMPTY and _NUMBERED.fullmatch(word) is None
