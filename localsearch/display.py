"""The one sanitiser for text that this program did not write: documents, file names, messages of libraries.

A terminal obeys what it prints. Escape sequences move the cursor, set the title or write to the clipboard,
direction marks reorder a line, and invisible characters hide text. `display` shows each of them as `<U+001B>`.
"""

from __future__ import annotations

import re

_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
"""C0, DEL, C1, and the two separators that some terminals take for a line break."""

_INVISIBLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt): direction controls, zero-width
characters, fillers, tags and variation selectors; and the interlinear annotation controls."""

_NO_CHARACTERS = r"\ud800-\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x11_0000, 0x1_0000)
)
"""Surrogates (alone, since a pair is one code point in Python) and the 66 noncharacters."""

_PICTURE = r"\u2194\u2195\u2600-\u27bf\u2b1b\U0001f000-\U0001faff"
_SYMBOL = r"#*0-9\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u25ff\u2900-\u2bff\u3030\u303d\u3297\u3299"
_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002fffd\U00030000-\U0003fffd"
_JOINING = r"\u0620-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff"
"""Arabic and Indic letters: Persian and Hindi cannot be spelled without the zero-width (non-)joiner."""

_IN_THEIR_PLACE = (
    rf"(?<=[{_SYMBOL}{_PICTURE}])[\ufe0e\ufe0f]"
    rf"|(?:(?<=[{_PICTURE}])|(?<=[{_PICTURE}]\ufe0f))\u200d(?=[{_PICTURE}])"
    rf"|(?<=[{_HAN}])[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    rf"|(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])"
)
"""Invisible characters that do their work here: emoji, rare Han variants in names, and joined scripts."""

_MARKS = r"\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILED_UP = rf"(?<=[{_MARKS}]{{4}})[{_MARKS}]"
"""A fifth accent on one letter: it would climb into the lines above. Vietnamese and phonetics need two or three."""

_ODD = re.compile(rf"({_IN_THEIR_PLACE})|[{_CONTROLS}{_INVISIBLE}{_NO_CHARACTERS}]|{_PILED_UP}")


def display(text: str, *, multiline: bool = False) -> str:
    """`text` as a terminal may safely print it, every odd character as `<U+XXXX>`.

    A tab becomes a blank. A line break is shown as `<U+000A>`, or kept when `multiline`. Applying it twice changes
    nothing. It does not know the markup of any library: print the result with markup switched off.
    """

    def shown(odd: re.Match[str]) -> str:
        character = odd[0]
        if odd[1] or (multiline and character == "\n"):
            return character
        return " " if character == "\t" else f"<U+{ord(character):04X}>"

    return _ODD.sub(shown, text)
