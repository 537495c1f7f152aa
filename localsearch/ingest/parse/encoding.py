"""Bytes to text when nobody says how they are encoded.

Marks and structure decide first (byte order marks, the zero bytes of UTF-16, strict UTF-8); only then does
charset-normalizer guess among the encodings that office files are really written in.
"""

from __future__ import annotations

import codecs
import re

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 64 * 1024
"""Bytes that a guess is made from."""

# In order of preference where the evidence is equal.
_CANDIDATES = (
    *("cp1252", "gb18030", "cp932", "big5", "cp949", "cp1251", "cp1250", "euc_jp", "cp1253", "cp1254", "cp1255"),
    *("cp1256", "cp1257", "cp1258", "koi8_r", "cp866", "cp874", "mac_roman"),
)
# Western code pages share most letters: where they all fit, the language tells which one was meant.
_PAGE_OF_LANGUAGE = (
    dict.fromkeys(("Romanian", "Polish", "Czech", "Slovak", "Hungarian", "Croatian", "Slovene"), "cp1250")
    | dict.fromkeys(("Lithuanian", "Latvian", "Estonian"), "cp1257")
    | {"Turkish": "cp1254", "Vietnamese": "cp1258"}
)
_SAME_CHAOS = 0.02
_SAME_COHERENCE = 0.05
_PUNCTUATION = frozenset(" \n\r\t.,;:!?'\"()[]{}<>@#$%&*+-/=_|0123456789\u3000、。「」・，．：；！？（）《》“”‘’–—…·€£")
_LATIN = frozenset(("cp1252", "cp1250", "cp1254", "cp1257", "cp1258", "mac_roman"))
_ADJACENT = re.compile(rb"[\x80-\xff]{2}")
_ISO_2022 = re.compile(rb"\x1b\$[@AB]|\x1b\([BJ]")
_REPLACED = "\ufffd"
_PRINTABLE = bytes(range(32, 127)) + b"\0\t\n\f\r"
_LATIN_ZEROS = 0.7
"""Share of the first or of the second bytes that are zero in UTF-16 whose other bytes are ASCII."""


def decode(data: bytes, declared: str = "") -> str:
    """The text in `data`. `declared` is what a header or tag claims; it is believed when it fits.

    Never fails: what no encoding explains is read as UTF-8 or Windows-1252, whichever loses less.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    return _without_mark(data, declared)


def is_marked(data: bytes) -> bool:
    """Whether bytes are certainly text: a byte order mark, or the zero bytes of UTF-16 or UTF-32 in their places."""
    return data.startswith(tuple(mark for mark, _ in _BYTE_ORDER_MARKS)) or bool(_wide(data))


def _without_mark(data: bytes, declared: str) -> str:
    wide = _wide(data)
    if wide:
        return data.decode(wide, "replace")
    if _ISO_2022.search(data[:_SAMPLE]):
        text = _strictly(data, "iso2022_jp_2")
        if text is not None:
            return text
    for name in ("utf-8", declared):
        text = _strictly(data, name)
        if text is not None:
            return text
    return _mostly_utf8(data) or _guess(data)


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name) if name else None
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _wide(data: bytes) -> str:
    """UTF-16 or UTF-32 without a mark: zero bytes always at the same places, or a text that only one order explains.

    Where all other bytes are printable ASCII, zeros here and there prove nothing: as UTF-16 any two Latin letters
    make a Chinese one.
    """
    sample = data[: min(_SAMPLE, len(data) // 2 * 2)]
    if len(sample) < 4 or b"\0" not in sample:
        return ""
    zeros = [sample[place::4].count(0) / len(sample[place::4]) for place in range(4)]
    if min(zeros[2], zeros[3]) > 0.9 and zeros[0] < 0.5:
        return "utf-32-le"
    if min(zeros[0], zeros[1]) > 0.9 and zeros[3] < 0.5:
        return "utf-32-be"
    if max(zeros[0] + zeros[2], zeros[1] + zeros[3]) < 2 * _LATIN_ZEROS and not sample.translate(None, _PRINTABLE):
        return ""
    marks = {name: _plausible(sample.decode(name, "replace")) for name in ("utf-16-le", "utf-16-be")}
    best = max(marks, key=lambda name: marks[name])
    return best if marks[best] > 0 else ""


def _plausible(text: str) -> float:
    """How well a decoded sample reads: the share of blanks, digits and common punctuation; 0 for no text."""
    controls = sum(character < " " and character not in "\t\n\r\f" for character in text)
    readable = sum(character.isalnum() or character.isspace() or character in _PUNCTUATION for character in text)
    if controls > 0.02 * len(text) or readable < 0.9 * len(text):
        return 0.0
    return sum(character in _PUNCTUATION for character in text) / len(text)


def _mostly_utf8(data: bytes) -> str:
    """UTF-8 with a few broken places (a cut at the end, a pasted line); empty when it is something else."""
    text = data.decode("utf-8", "replace")
    broken = text.count(_REPLACED)
    good = sum(1 for character in text[:_SAMPLE] if character > "\x7f" and character != _REPLACED)
    return text if (broken <= 1 and good >= 1) or good > 10 * broken else ""


def _guess(data: bytes) -> str:
    """Ask charset-normalizer, then prefer the common encoding among those that fit equally well."""
    from charset_normalizer import from_bytes

    if _has_lines_of_utf8(data):
        return _lines_apart(data)
    # Where no two bytes beyond ASCII stand together, as in `5 °C`, the script is Latin.
    candidates = [name for name in _CANDIDATES if name in _LATIN or _ADJACENT.search(data)]
    matches = list(from_bytes(data[:_SAMPLE], cp_isolation=candidates, threshold=0.3))
    if not matches:
        return data.decode("cp1252", "replace")
    best = matches[0]
    equal = {
        name
        for match in matches
        if match.chaos <= best.chaos + _SAME_CHAOS and match.coherence >= best.coherence - _SAME_COHERENCE
        for name in (match.encoding, *match.could_be_from_charset)
    }
    by_language = _PAGE_OF_LANGUAGE.get(best.language, "")
    if by_language in equal:
        return data.decode(by_language, "replace")
    name = next((name for name in candidates if name in equal), best.encoding)
    return data.decode(name, "replace")


def _has_lines_of_utf8(data: bytes) -> bool:
    """Whether at least a fifth of the lines that are not ASCII are UTF-8: by chance hardly one would be."""
    strange = [line for line in data[:_SAMPLE].split(b"\n") if not line.isascii()]
    valid = sum(_strictly(line, "utf-8") is not None for line in strange)
    return 2 <= valid < len(strange) and valid >= 0.2 * len(strange)


def _lines_apart(data: bytes) -> str:
    """Lines in different encodings, as logs have them: UTF-8 where it fits, else what the rest looks like."""
    lines = data.split(b"\n")
    strange = [line for line in lines if _strictly(line, "utf-8") is None]
    rest = iter(_guess(b"\n".join(strange)).split("\n"))
    return "\n".join(text if (text := _strictly(line, "utf-8")) is not None else next(rest, "") for line in lines)
