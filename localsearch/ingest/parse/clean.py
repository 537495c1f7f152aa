"""Text as the index wants it: NFC, `\\n` line ends, no characters that nobody can see."""

from __future__ import annotations

import re
import unicodedata

# Soft hyphen, zero-width space, word joiner, byte order mark, direction marks and overrides, tag characters:
# they split words that a reader sees whole. The zero-width joiners stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e\u2061-\u2064\u2066-\u2069\U000e0000-\U000e007f]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Word processors draw bullets with symbol fonts, which have code points of their own.
_SYMBOL_BULLETS = re.compile("[\uf02d\uf06c-\uf06f\uf071\uf076\uf0a7\uf0a8\uf0b7\uf0d8\uf0e0\uf0fc]")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile("[^\\S\n]+")
_MANY_MARKS = re.compile("([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
                         "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")  # fmt: skip


_SURROGATE = re.compile("[\ud800-\udfff]")
# Colours and titles for terminals (ECMA-48), as log files have them.
_TERMINAL = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\|$)|[@-Z\\\\^_])")


def lines(text: str) -> str:
    """Clean text whose spaces carry meaning: source code, indented lists."""
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_ENDS.sub("\n", text)
    if "\x1b" in text:
        text = _TERMINAL.sub("", text)
    if _SURROGATE.search(text):  # two make a character, one makes none
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    text = _CONTROL.sub("", text)
    if text.isascii():
        return text
    text = _INVISIBLE.sub("", text)
    text = _PRIVATE.sub("", _SYMBOL_BULLETS.sub("•", text))
    text = _MANY_MARKS.sub(r"\1", text)  # normalising a long run of marks takes quadratic time
    return unicodedata.normalize("NFC", text)


def prose(text: str) -> str:
    """Clean running text: besides, every run of blanks is one space, and lines have no blanks at their ends."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    text = _BLANKS.sub(" ", lines(text))
    return re.sub(" ?\n ?", "\n", text).strip()


def one_line(text: str, longest: int = 300) -> str:
    """Clean text for a title, a name or a reason: no line breaks, at most so many characters."""
    text = " ".join(lines(text).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
