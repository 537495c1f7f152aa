"""Documents made to exhaust whoever opens them, among good ones: each costs at most one line, no good one is lost."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localsearch.ingest.parse.limits import MIB, Limits
from localsearch.ingest.parse.pool import ParserPool
from localsearch.records import Parsed
from tests.ingest.parse import samples
from tests.ingest.parse.conftest import parse_bytes

LIMITS = Limits(cpu_seconds=5, file_bytes=64 * MIB, text_bytes=2 * MIB, members=200)
LAUGHS = "<!DOCTYPE d [<!ENTITY l0 'lol'>{}]>".format(
    "".join(f"<!ENTITY l{level} '{f'&l{level - 1};' * 10}'>" for level in range(1, 12))
)
OUTSIDE = "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"


def _word(document: str) -> bytes:
    return samples.packed({"word/document.xml": document}, level=9)


def _nested(wrap: Callable[[bytes], bytes], times: int) -> bytes:
    data = b"the innermost text"
    for _ in range(times):
        data = wrap(data)
    return data


def _tar_of_devices() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind, name in ((tarfile.CHRTYPE, "dev/zero"), (tarfile.FIFOTYPE, "pipe"), (tarfile.SYMTYPE, "link")):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    return buffer.getvalue()


def _circular_compound() -> bytes:
    """A compound file whose allocation table sends every chain back to its own beginning."""
    data = bytearray(samples.compound({"WordDocument": b"x" * 8192, "1Table": b"y" * 8192}))
    table = len(data) - 512
    for place in range(table, len(data), 4):
        data[place : place + 4] = b"\0\0\0\0"
    return bytes(data)


def _random(start: bytes) -> bytes:
    return start + random.Random(7).randbytes(200_000)


ZEROS = bytes(64 * MIB)
PARAGRAPH = samples.w_p("A" * 40)
BOMBS: dict[str, Callable[[], bytes]] = {
    "unpacks.docx": lambda: _word(f"<w:document xmlns:w='{samples.W}'><w:body>{PARAGRAPH * 600_000}"),
    "laughs.docx": lambda: _word(f"{LAUGHS}<w:document xmlns:w='{samples.W}'><w:body><w:p><w:r><w:t>&l11;"),
    "laughs.pptx": lambda: samples.packed({"ppt/slides/slide1.xml": f"{LAUGHS}<p><a:p><a:t>&l9;</a:t></a:p></p>"}),
    "laughs.xlsx": lambda: samples.packed(
        {
            "xl/workbook.xml": "<workbook/>",
            "xl/sharedStrings.xml": f"{LAUGHS}<sst>{'<si><t>&l5;</t></si>' * 1003}</sst>",
        }
    ),
    "outside.docx": lambda: _word(
        f"{OUTSIDE}<w:document xmlns:w='{samples.W}'><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>"
    ),
    "deep.docx": lambda: samples.docx("<w:tbl><w:tr><w:tc>" * 20_000),
    "deep styles.docx": lambda: samples.docx(samples.w_p("x", "a"), styles=f"<s>{'<w:style>' * 50_000}"),
    "media.docx": lambda: samples.packed({"word/document.xml": f"<p xmlns='{samples.W}'/>", "word/media/a.bmp": ZEROS}),
    "unpacks.odt": lambda: samples.odf("text", "<text:p>a</text:p>" * 1_500_000),
    "laughs.fodt": f"<?xml version='1.0'?>{LAUGHS}<opendocument>&l11;</opendocument>".encode,
    "repeats.ods": lambda: samples.packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": "<office:document-content xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
            "xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0'><office:body><office:spreadsheet>"
            "<table:table><table:table-row table:number-rows-repeated='1000000'><table:table-cell "
            "table:number-columns-repeated='1000000'/></table:table-row></table:table>",
        }
    ),
    "corners.xlsx": lambda: samples.xlsx({"a": [["first"]]}).replace(b"A1", b"ZZ"),
    "cells.xlsx": lambda: samples.xlsx({"a": [["x" * 20] * 20] * 12_000}),
    "unpacks.pptx": lambda: samples.pptx([samples.shape(*["A" * 50] * 300_000)]),
    "unpacks.epub": lambda: samples.epub(["<p>A</p>" * 2_000_000]),
    "flate.pdf": lambda: samples.flate_bomb(80 * MIB),
    "circle.pdf": lambda: samples.pdf_of_objects(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"]
    ),
    "count.pdf": lambda: samples.pdf_of_objects(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 2147483647>>"]
    ),
    "cut.pdf": lambda: samples.pdf([["x"]] * 50)[:900],
    "gzip.gz": lambda: gzip.compress(ZEROS, 9),
    "bzip2.bz2": lambda: bz2.compress(ZEROS),
    "xz.xz": lambda: lzma.compress(ZEROS, preset=1),
    "devices.tar": _tar_of_devices,
    "zips.zip": lambda: _nested(lambda data: samples.packed({"a.zip": data}), 40),
    "gzips.gz": lambda: _nested(gzip.compress, 40),
    "many.zip": lambda: samples.packed({f"{number}.txt": "" for number in range(5_000)}),
    "wide.zip": lambda: samples.packed({f"{number}.zip": gzip.compress(ZEROS[: 8 * MIB]) for number in range(40)}),
    "lies.7z": lambda: _random(b"7z\xbc\xaf\x27\x1c\0\4"),
    "deep.html": lambda: b"<div>" * 100_000 + b"x",
    "tables.html": lambda: b"<table><tr><td>" * 50_000 + b"x",
    "angles.html": lambda: b"<html>" + b"<" * 200_000,
    "deep.xml": lambda: b"<a>" * 100_000,
    "laughs.xml": f"<?xml version='1.0'?>{LAUGHS}<d>&l11;</d>".encode,
    "deep.json": lambda: b"[" * 300_000,
    "digits.json": lambda: b"9" * 1_000_000,
    "cell.csv": lambda: b'"' + b"x," * 3_000_000,
    "groups.rtf": lambda: b"{\\rtf1 " + b"{" * 300_000 + b"x",
    "binary.rtf": lambda: b"{\\rtf1 before \\bin2147483647 x}",
    "parts.eml": lambda: (
        b"From: a@b.c\nSubject: x\n"
        + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(3_000))
    ),
    "header.eml": lambda: b"From: a@b.c\nSubject: " + b"x" * 3_000_000 + b"\n\ntext",
    "separators.mbox": lambda: b"From a@b.c\nSubject: x\nFrom: y\n\nz\n\n" * 20_000,
    "brackets.md": lambda: b"[" * 30_000 + b"](" * 30_000,
    "quotes.md": lambda: b"> " * 50_000 + b"x",
    "marks.txt": ("e" + "\u0301\u0323" * 1_000_000).encode,
    "one line.txt": lambda: b"x" * (8 * MIB),
    "circle.doc": _circular_compound,
    "random.doc": lambda: _random(samples.compound({"WordDocument": _random(b"\xec\xa5")})[:8192]),
    "random.ppt": lambda: samples.compound(
        {"PowerPoint Document": _random(b"\x0f\0\xe8\3"), "Current User": b"x" * 40}
    ),
    "random.msg": lambda: samples.compound({"__properties_version1.0": _random(b"")}),
    "random.docx": lambda: _random(b"PK\3\4"),
    "random.pdf": lambda: _random(b"%PDF-1.7\n1 0 obj"),
}


def _parse(pool: ParserPool, name: str) -> tuple[str, Parsed]:
    if name.startswith("good"):
        return name, parse_bytes(pool, f"Good text of {name}".encode(), name)
    return name, parse_bytes(pool, BOMBS[name](), name)


def test_bombs_among_good_files() -> None:
    names = [*BOMBS, *(f"good {number}.txt" for number in range(100))]
    random.Random(3).shuffle(names)
    with ParserPool(2, limits=LIMITS) as pool, ThreadPoolExecutor(2) as threads:
        parsed = dict(threads.map(lambda name: _parse(pool, name), names))
    assert all(parsed[name].documents[0].text == f"Good text of {name}" for name in names if name.startswith("good"))
    for name in BOMBS:
        answer = parsed[name]
        assert bool(answer.documents) != bool(answer.reason), name
        assert "\n" not in answer.reason, name
        assert answer.reason == answer.reason.strip(" .") and answer.reason[:1] == answer.reason[:1].lower(), name
        assert sum(len(document.text) for document in answer.documents) <= 2 * LIMITS.text_bytes, name
        assert not any("root:" in document.text for document in answer.documents), name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("unpacks.docx", "unpacks to more than 200 times its size"),
        ("gzip.gz", "unpacks to more than 200 times its size"),
        ("circle.doc", "damaged"),
        ("zips.zip", "nested too deeply"),
        ("deep.json", "damaged"),
        ("parts.eml", "damaged: nested too deeply"),
    ],
)
def test_what_a_bomb_is_told(name: str, reason: str) -> None:
    with ParserPool(1, limits=LIMITS) as pool:
        assert reason in _parse(pool, name)[1].reason


def test_too_much_text_is_cut_with_a_note() -> None:
    with ParserPool(1, limits=LIMITS) as pool:
        parsed = _parse(pool, "one line.txt")[1]
    assert parsed.notes == ("only the first 2 MiB of text were read",)
    assert set(parsed.documents[0].text) == {"x"}


@pytest.mark.parametrize("name", ["outside.docx", "laughs.docx", "laughs.pptx", "laughs.xlsx"])
def test_entities_are_neither_fetched_nor_left_as_text(name: str) -> None:
    """No Office program defines entities: their names are no words of a document."""
    with ParserPool(1, limits=LIMITS) as pool:
        parsed = _parse(pool, name)[1]
    assert (parsed.documents, parsed.reason) == ((), "defines XML entities, which no Office program does")


def test_a_file_of_nothing_but_size(tmp_path: Path) -> None:
    """64 GiB that take no room on the disk are refused before a byte is read."""
    sparse = tmp_path / "sparse.txt"
    descriptor = os.open(sparse, os.O_RDWR | os.O_CREAT)
    os.truncate(descriptor, 64 << 30)
    with ParserPool(1) as pool:
        assert pool.parse(descriptor, "sparse.txt").reason == "larger than 256 MiB"
    os.close(descriptor)
