"""What kind of file is it? A sign and the type's own name: nothing is told by colour alone."""

from __future__ import annotations

from pathlib import PurePath

_SIGNS = {
    "▤": "pdf doc docx odt rtf epub txt md html htm mhtml tex",
    "▦": "xls xlsx ods csv tsv xlsm xlsb",
    "▧": "ppt pptx odp pps ppsx key",
    "✉": "eml msg mbox ics vcf",
    "▣": "zip tar gz 7z tgz bz2 xz",
    "▨": "png jpg jpeg tif tiff bmp gif webp",
}
_SIGN_OF = {name: sign for sign, names in _SIGNS.items() for name in names.split()}
OTHER = "▢"


def kind(path: PurePath | str, member: str = "") -> str:
    """The type as its file name tells it, lower case, at most 5 characters: `pdf`, `docx`."""
    inner = PurePath(member).suffix if member else ""
    return (inner or PurePath(path).suffix).lstrip(".").lower()[:5]


def sign(kind_name: str) -> str:
    """One column wide."""
    return _SIGN_OF.get(kind_name, OTHER)
