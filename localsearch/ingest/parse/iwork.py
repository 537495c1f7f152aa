"""Apple Pages, Numbers and Keynote: their own format is closed, but older files carry a PDF of themselves."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

from localsearch.ingest.parse import pdf
from localsearch.ingest.parse.source import Reading, Source, Unreadable

_PREVIEW = "QuickLook/Preview.pdf"


def read(source: Source) -> Reading:
    """The preview, page by page. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            preview = archive.read(_PREVIEW)
    except KeyError:
        raise Unreadable(f"format not supported (.{source.extension})") from None
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        raise Unreadable(f"damaged: {error}") from None
    return pdf.read(replace(source, data=preview))
