"""Apple Pages, Numbers and Keynote: their own format is closed, but older files carry a PDF of themselves."""

from __future__ import annotations

from dataclasses import replace

from localsearch.ingest.parse.formats import pdf
from localsearch.ingest.parse.parts import Parts
from localsearch.ingest.parse.source import Reading, Source, Unreadable

_PREVIEW = "QuickLook/Preview.pdf"


def read(source: Source) -> Reading:
    """The preview, page by page. Raises Unreadable."""
    preview = Parts(source.data, source.limits).read(_PREVIEW)
    if not preview:
        raise Unreadable(f"format not supported (.{source.extension})")
    return pdf.read(replace(source, data=preview))
