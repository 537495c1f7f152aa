"""Pages, manuals and catalogues of messages in two languages, brought together part by part.

Translators keep the structure of what they translate: the same elements in the same order, often with the same ids.
A section whose elements do not agree in both languages is left out, for a wrong pair teaches a wrong thing.
"""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 1_200
"""Characters of an English passage that is joined from blocks, about."""
CROWDED = frozenset({"ja", "ko", "th", "zh", "zh-hant"})
"""Languages that say in one letter what takes others two or three."""
SCRIPTS = {
    "ar": r"[\u0600-\u06ff]", "fa": r"[\u0600-\u06ff]", "he": r"[\u0590-\u05ff]", "hi": r"[\u0900-\u097f]",
    "bg": r"[\u0400-\u04ff]", "ru": r"[\u0400-\u04ff]", "uk": r"[\u0400-\u04ff]", "el": r"[\u0370-\u03ff]",
    "th": r"[\u0e00-\u0e7f]", "ko": r"[\uac00-\ud7af]", "ja": r"[\u3040-\u30ff\u3400-\u9fff]",
    "zh": r"[\u3400-\u9fff]", "zh-hant": r"[\u3400-\u9fff]",
}  # fmt: skip
"""Letters of the languages that do not use Latin ones."""

_BLOCK = re.compile(
    r"(?is)<(/?)(p|div|li|h[1-6]|td|th|tr|dd|dt|title|para|simpara|term|entry|item|table|ul|ol|dl|desc|section|sect\d"
    r"|screen|figure|caption|media|note|tip|warning|important|listitem|body|br|steps|list|blockquote)\b([^>]*)>"
)
_DROPPED = re.compile(
    r"(?is)<(script|style|nav|head|info|pre|programlisting|screen|svg|aside|footer|header|bookinfo|articleinfo"
    r"|indexterm|remark)\b[^>]*(?<!/)>.*?</\1\s*>|<!--.*?-->|<\?.*?\?>|<!\[CDATA\[|\]\]>"
)
_ID = re.compile(r"""\bid=["']([^"']+)["']""")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "title", "SH", "SS"})


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, entry of a list or cell."""

    kind: str
    id: str
    """As the page names it; empty when it does not."""
    text: str

    @property
    def is_heading(self) -> bool:
        return self.kind in _HEADINGS


def page_blocks(page: str) -> list[Block]:
    """Of HTML, DocBook or Mallard: the text after each tag that begins a block, those without letters left out."""
    found, at, kind, name = [], 0, "", ""
    seen = _DROPPED.sub(" ", page)
    for tag in _BLOCK.finditer(seen):
        found.append(Block(kind, name, plain(seen[at : tag.start()])))
        at, kind = tag.end(), "" if tag[1] else tag[2].lower()
        id_found = _ID.search(tag[3])
        name = id_found[1] if id_found and not tag[1] else ""
    found.append(Block(kind, name, plain(seen[at:])))
    return [block for block in found if has_letters(block.text)]


def manual_blocks(page: str) -> list[Block]:
    """Of a manual page in roff: its headings and paragraphs."""
    found: list[Block] = []
    kind, lines = "P", list[str]()
    verbatim = False
    for line in [*page.split("\n"), ".P"]:
        macro = re.match(r"[.'](\w+)[ \t]*(.*)", line)
        name = macro[1] if macro else ""
        if name in ("nf", "EX", "fi", "EE"):
            verbatim = name in ("nf", "EX")
        elif (
            verbatim
            or re.match(r"[.']\\\"|[.']\\?$", line)
            or name in ("so", "de", "ds", "nr", "if", "ie", "el", "ad", "hy")
        ):
            continue
        elif name in ("SH", "SS", "PP", "P", "TP", "IP", "HP", "LP", "TH", "RS", "RE", "Sh", "Pp", "It"):
            found.append(Block(kind, "", roff_plain(" ".join(lines))))
            kind, lines = name, []
            if name in ("SH", "SS", "Sh") and macro:
                found.append(Block("SH", "", roff_plain(macro[2])))
                kind = "P"
        else:
            lines.append(macro[2] if macro else line)
    return [block for block in found if has_letters(block.text)]


def roff_plain(text: str) -> str:
    text = re.sub(r"\\f(\[[^\]]*\]|\(..|.)|\\[&|/,:^%]|\\s[-+]?\d|\\c", "", text)
    text = re.sub(r"\\\((..)|\\\[(\w+)\]", lambda sign: _SIGNS.get(sign[1] or sign[2], " "), text)
    return " ".join(text.replace("\\-", "-").replace("\\e", "\\").replace('"', "").split())


_SIGNS = {"aq": "'", "dq": '"', "lq": "“", "rq": "”", "co": "©", "em": "—", "en": "–", "bu": "•", "ga": "`", "ha": "^"}


def plain(text: str) -> str:
    """Without tags, entities and double spaces."""
    return " ".join(html.unescape(re.sub(r"(?s)<[^>]*>", "", text)).split())


def has_letters(text: str) -> bool:
    return len(re.findall(r"[^\W\d_]", text)) >= max(2, 0.4 * len(text))


def aligned(english: Sequence[Block], other: Sequence[Block]) -> dict[int, str]:
    """Which text stands in the other language for the English block of each number."""
    named = {block.id: block.text for block in other if block.id}
    found = {number: named[block.id] for number, block in enumerate(english) if block.id in named}
    if len(found) > len(english) // 2:
        return found
    ours, theirs = sections(english), sections(other)
    if len(ours) != len(theirs):
        return {}
    pairs: dict[int, str] = {}
    for mine, its in zip(ours, theirs, strict=True):
        if [english[number].kind for number in mine] == [other[number].kind for number in its]:
            pairs |= {number: other[twin].text for number, twin in zip(mine, its, strict=True)}
    return pairs


def sections(blocks: Sequence[Block]) -> list[list[int]]:
    """Numbers of blocks; each heading begins a section."""
    parts: list[list[int]] = [[]]
    for number, block in enumerate(blocks):
        if block.is_heading and parts[-1]:
            parts.append([])
        parts[-1].append(number)
    return parts


def passages(blocks: Sequence[Block]) -> Iterator[list[int]]:
    """Single blocks, and what stands together in a section, up to a passage's length."""
    yield from ([number] for number in range(len(blocks)))
    for section in sections(blocks):
        joined: list[int] = []
        size = 0
        for number in section:
            if joined and size + len(blocks[number].text) > LONGEST:
                if len(joined) > 1:
                    yield joined
                joined, size = [], 0
            joined.append(number)
            size += len(blocks[number].text)
        if len(joined) > 1:
            yield joined


def messages(content: bytes) -> Iterator[tuple[str, str]]:
    """English and translation of every message in a catalogue of gettext (.mo); of plurals the first form."""
    order = "<" if content[:4] == b"\xde\x12\x04\x95" else ">"
    _, count, ours, theirs = struct.unpack_from(f"{order}4I", content, 4)
    for number in range(count):
        pair = []
        for table in (ours, theirs):
            size, place = struct.unpack_from(f"{order}2I", content, table + 8 * number)
            pair.append(content[place : place + size].split(b"\0")[0].decode("utf-8", "replace"))
        yield pair[0].rpartition("\x04")[2].rpartition("|")[2], pair[1]


def message_plain(text: str) -> str:
    """Without tags, escapes and the mark of the key that opens a menu."""
    text = re.sub(r"(?<=\w)\s*\([&_~]\w\)|[&_~](?=\w)", "", text.replace("\\n", " ").replace('\\"', '"'))
    return plain(re.sub(r"[@$]?\{[^{}]*\}", " ", text)) if "{" in text and text.count("{") > 2 else plain(text)


def is_translation(english: str, other: str, language: str) -> bool:
    """Whether it can be one: about as long, in the language's letters, and not the English itself."""
    if not has_letters(english) or not re.search(r"[^\W\d_]", other) or english == other:
        return False
    ratio = len(other) / len(english) * (2.5 if language in CROWDED else 1.0)
    if len(english) > 20 and not 0.4 < ratio < 2.5:
        return False
    letters = re.findall(r"[^\W\d_]", other)
    if language in SCRIPTS:
        return len(re.findall(SCRIPTS[language], other)) >= 0.4 * len(letters)
    words, theirs = set(english.lower().split()), set(other.lower().split())
    return len(english) < 30 or len(words & theirs) < 0.6 * len(theirs)
