"""kreuzberg, asked in the one way that suits us: bytes in, no OCR, no caches, no threads of its own."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from localsearch.ingest.parse import clean, pdfium
from localsearch.ingest.parse.source import Unavailable, Unreadable

if TYPE_CHECKING:
    from kreuzberg import ExtractionResult

_ENCRYPTED = re.compile("password|encrypt|decrypt", re.IGNORECASE)
_NOT_KNOWN = re.compile("unsupported (format|mime)", re.IGNORECASE)
_PREFIXES = re.compile(r"^(?:(?:\w+ ){0,3}(?:error|failed|\w+Error): ?)+", re.IGNORECASE)

# One page that says x. pdfium is loaded by the first PDF, whatever is in it.
_SMALLEST_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj 4 0 obj<</Length 20>>stream\n"
    b"BT/F 9 Tf(x)Tj ET\nendstream endobj trailer<</Root 1 0 R>>\n%%EOF"
)


def load() -> None:
    """Load kreuzberg and its PDF library into this process; see `unpacking.py` for where the latter comes from."""
    with contextlib.suppress(Unavailable):  # every PDF will say so
        plain(_SMALLEST_PDF, "application/pdf")
    pdfium.find()


def plain(data: bytes, mime: str, *, pages: bool = True) -> ExtractionResult:
    """Text as it stands, and `pages` with the text of each. Raises Unreadable and Unavailable."""
    from kreuzberg import PageConfig

    return _extract(data, mime, output_format="plain", pages=PageConfig(extract_pages=True) if pages else None)


def _extract(data: bytes, mime: str, **options: Any) -> ExtractionResult:
    from kreuzberg import (
        ConcurrencyConfig,
        ExtractionConfig,
        KreuzbergError,
        PostProcessorConfig,
        extract_bytes_sync,
    )

    config = ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        postprocessor=PostProcessorConfig(enabled=False),
        concurrency=ConcurrencyConfig(max_threads=1),
        **options,
    )
    try:
        return extract_bytes_sync(data, mime, config=config)
    except (KreuzbergError, ValueError, RuntimeError) as error:
        raise _failure(str(error)) from None
    except BaseException as error:
        # A Rust panic is no Exception, so that nobody catches it by chance. The document is to blame, not us.
        if type(error).__name__ == "PanicException":
            raise Unreadable(f"damaged: {clean.one_line(str(error), 120)}") from None
        raise


def _failure(message: str) -> Unreadable | Unavailable:
    """What the library's message means."""
    if "Pdfium initialization failed" in message:
        return Unavailable("the PDF library cannot be loaded: no temporary folder has room for it and allows programs")
    return Unreadable(_reason(message))


def _reason(message: str) -> str:
    """Why a document cannot be read, in one short line."""
    if _ENCRYPTED.search(message):
        return "encrypted"
    if "FormatError" in message:
        return "damaged: not a valid PDF"
    if _NOT_KNOWN.search(message):
        return "format not supported"
    cause = _PREFIXES.sub("", clean.one_line(message, 160)).partition(": Extraction failed")[0].rstrip(".: ")
    if cause[1:2].islower():
        cause = cause[0].lower() + cause[1:]
    return f"damaged: {cause}"
