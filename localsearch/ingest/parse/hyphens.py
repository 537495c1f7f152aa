"""Words that were broken at the end of a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

# pdfium puts this where a line ends in a hyphen, and leaves the line break out.
_BREAK = re.compile("([^\\W\\d_]+)[\x02\ufffe]\\s*([^\\W\\d_]+)")
_OTHER_BREAK = re.compile("[\x02\ufffe]\\s*")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def join_pages(texts: Sequence[str]) -> list[str]:
    """Texts with broken words whole again: with the hyphen where the document elsewhere writes it so.

    Between lower-case letters the hyphen is otherwise taken for a break; before a capital or a digit it stays.
    """
    if not any("\x02" in text or "\ufffe" in text for text in texts):
        return list(texts)
    words = Counter(word.lower() for text in texts for word in _WORD.findall(text))

    def join(match: re.Match[str]) -> str:
        first, second = match.groups()
        whole, hyphenated = words[(first + second).lower()], words[f"{first}-{second}".lower()]
        if hyphenated > whole or (not whole and not second.islower()):
            return f"{first}-{second}"
        return first + second

    return [_OTHER_BREAK.sub("-", _BREAK.sub(join, text)) for text in texts]
