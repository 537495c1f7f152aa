"""pdfium, asked for single pages: kreuzberg carries it, but reads whole documents only.

The library is the copy that kreuzberg has loaded; nothing is loaded anew. Where it is not found (another version of
kreuzberg may link it in another way) there are no pages, and callers go on with what kreuzberg gives.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from ctypes import CDLL, byref, c_char_p, c_float, c_int, c_size_t, c_uint16, c_void_p
from dataclasses import dataclass

_BREAK = "\ufffe"
"""How a word that is broken at the end of a line is marked here; kreuzberg's way of asking says U+0002."""
_PICTURES = (3, 5)
"""FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_FORM: what is placed on a page as a whole."""
_LARGE = 0.25
"""Share of the page."""
_MOST_OBJECTS = 1_000

_loaded: CDLL | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a PDF."""

    number: int
    """1-based."""
    text: str
    """Without halves of characters (lone surrogates)."""
    picture: bool
    """A picture covers a large part of it, as in a scan: a logo or a line does not count."""


def find() -> None:
    """Look for the library where kreuzberg has unpacked it in this process; its file need not be there any more."""
    global _loaded  # noqa: PLW0603 - one for the process, as for the loader
    path = os.path.join(os.environ.get("TMPDIR", ""), "kreuzberg-pdfium", "libpdfium.so")
    with suppress(OSError, AttributeError):
        _loaded = _declared(CDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_NOW))


def page_count(data: bytes) -> int:
    """Number of pages; 0 when the document, or the library, cannot be opened."""
    with _document(data) as opened:
        return 0 if opened is None else int(opened[0].FPDF_GetPageCount(opened[1]))


def read(data: bytes, numbers: Iterable[int], *, until: float) -> Iterator[Page]:
    """These pages in turn, as long as this process has used less than `until` seconds of processor time."""
    with _document(data) as opened:
        if opened is None:
            return
        for number in numbers:
            if time.process_time() >= until:
                return
            yield _page(*opened, number)


@contextmanager
def _document(data: bytes) -> Iterator[tuple[CDLL, int] | None]:
    """The library and the opened document."""
    document = None if _loaded is None else _loaded.FPDF_LoadMemDocument64(data, len(data), None)
    if _loaded is None or not document:
        yield None
        return
    try:
        yield _loaded, document
    finally:
        _loaded.FPDF_CloseDocument(document)


def _page(library: CDLL, document: int, number: int) -> Page:
    page = library.FPDF_LoadPage(document, number - 1)
    if not page:
        return Page(number, "", picture=False)
    try:
        return Page(number, _text(library, page), picture=_has_picture(library, page))
    finally:
        library.FPDF_ClosePage(page)


def _text(library: CDLL, page: int) -> str:
    text = library.FPDFText_LoadPage(page)
    if not text:
        return ""
    try:
        length = max(0, library.FPDFText_CountChars(text))
        units = (c_uint16 * (length + 1))()  # with a zero at the end
        written = library.FPDFText_GetText(text, 0, length, units)
    finally:
        library.FPDFText_ClosePage(text)
    return bytes(units)[: 2 * max(0, written - 1)].decode("utf-16-le", "ignore").replace(_BREAK, "\x02")


def _has_picture(library: CDLL, page: int) -> bool:
    wanted = _LARGE * library.FPDF_GetPageWidthF(page) * library.FPDF_GetPageHeightF(page)
    left, bottom, right, top = edges = [c_float() for _ in range(4)]
    for place in range(min(library.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        shape = library.FPDFPage_GetObject(page, place)
        if library.FPDFPageObj_GetType(shape) in _PICTURES and library.FPDFPageObj_GetBounds(shape, *map(byref, edges)):
            area = (right.value - left.value) * (top.value - bottom.value)
            if area >= wanted > 0:
                return True
    return False


def _declared(library: CDLL) -> CDLL:
    """The library with the types of the functions used here. Raises AttributeError when one is missing."""
    for name, result, arguments in (
        ("FPDF_LoadMemDocument64", c_void_p, (c_char_p, c_size_t, c_char_p)),
        ("FPDF_GetPageCount", c_int, (c_void_p,)),
        ("FPDF_LoadPage", c_void_p, (c_void_p, c_int)),
        ("FPDF_GetPageWidthF", c_float, (c_void_p,)),
        ("FPDF_GetPageHeightF", c_float, (c_void_p,)),
        ("FPDFPage_CountObjects", c_int, (c_void_p,)),
        ("FPDFPage_GetObject", c_void_p, (c_void_p, c_int)),
        ("FPDFPageObj_GetType", c_int, (c_void_p,)),
        ("FPDFPageObj_GetBounds", c_int, (c_void_p,) * 5),
        ("FPDFText_LoadPage", c_void_p, (c_void_p,)),
        ("FPDFText_CountChars", c_int, (c_void_p,)),
        ("FPDFText_GetText", c_int, (c_void_p, c_int, c_int, c_void_p)),
        ("FPDFText_ClosePage", None, (c_void_p,)),
        ("FPDF_ClosePage", None, (c_void_p,)),
        ("FPDF_CloseDocument", None, (c_void_p,)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
