"""A few documents of several formats, made on the spot, with one word that no other text holds."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

QUESTION = "How long is the notice period of the lease?"
WORD = "Quarnstead"
"""Stands in every document."""

_TEXTS = {
    "lease.md": f"# Lease of {WORD} House\n\n## Notice\n\nEither side ends the lease with three months' notice.\n",
    "minutes.txt": f"Minutes of the {WORD} board. The rent was paid. The lease was prolonged by two years.\n",
    "prices.csv": f"article,price,town\nbolt,0.20,{WORD}\nwasher,0.05,{WORD}\n",
    "travel.html": f"<html><body><h1>Travel to {WORD}</h1><p>A hotel room may cost 150 euros.</p></body></html>",
    "letter.eml": f"From: a@example.com\nTo: b@example.com\nSubject: {WORD}\n\nThe keys are with the caretaker.\n",
}
_PAGE = f"BT/F 12 Tf 20 100 Td(The deposit of {WORD} is two rents.)Tj ET"
_PDF = (
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj "
    f"4 0 obj<</Length {len(_PAGE)}>>stream\n{_PAGE}\nendstream endobj "
    "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj trailer<</Root 1 0 R>>\n%%EOF"
)


def make(folder: Path) -> None:
    """Write the documents into a new folder."""
    folder.mkdir()
    for name, text in _TEXTS.items():
        (folder / name).write_text(text)
    (folder / "deposit.pdf").write_bytes(_PDF.encode())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inside.txt", f"The archive of {WORD} holds old contracts.")
    (folder / "archive.zip").write_bytes(packed.getvalue())
