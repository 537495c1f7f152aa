"""Small documents of many formats, written out byte by byte. Nothing here is read from a file."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from html import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/"


def packed(parts: Mapping[str, str | bytes], *, level: int = 6) -> bytes:
    """A ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def added(archive: bytes, parts: Mapping[str, str | bytes]) -> bytes:
    """The same ZIP archive with more parts."""
    buffer = io.BytesIO(archive)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return buffer.getvalue()


def relationships(targets: Mapping[str, str]) -> str:
    """A part that names other parts by ids."""
    links = "".join(f'<Relationship Id="{key}" Type="{R}/part" Target="{name}"/>' for key, name in targets.items())
    return f'<Relationships xmlns="{PACKAGE}relationships">{links}</Relationships>'


def docx(body: str, **parts: str) -> bytes:
    """A Word document; `body` is WordprocessingML, more parts are given as `styles=...`."""
    document = f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}</w:body></w:document>'
    others = {f"word/{name}.xml": text for name, text in parts.items()}
    return packed({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **others})


def w_p(text: str, style: str = "", properties: str = "") -> str:
    """A paragraph of WordprocessingML; `text` may hold elements."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    run = text if text.startswith("<") else f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{run}</w:p>"


def w_table(rows: Sequence[Sequence[str]]) -> str:
    cells = ("".join(f"<w:tc>{w_p(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def pptx(slides: Sequence[str], others: Mapping[str, str] | None = None) -> bytes:
    """A presentation; each slide is the inside of a shape tree. The file names are in reverse order on purpose."""
    names = [f"slides/slide{len(slides) - place}.xml" for place in range(len(slides))]
    ids = "".join(f'<p:sldId id="{256 + place}" r:id="r{place}"/>' for place in range(len(slides)))
    parts = {
        "[Content_Types].xml": "<Types/>",
        "ppt/presentation.xml": f'<p:presentation xmlns:p="{P}" xmlns:r="{R}"><p:sldIdLst>{ids}</p:sldIdLst>'
        "</p:presentation>",
        "ppt/_rels/presentation.xml.rels": relationships({f"r{place}": name for place, name in enumerate(names)}),
    }
    for name, slide in zip(names, slides, strict=True):
        parts[f"ppt/{name}"] = (
            f'<p:sld xmlns:p="{P}" xmlns:a="{A}"><p:cSld><p:spTree>{slide}</p:spTree></p:cSld></p:sld>'
        )
    return packed({**parts, **(others or {})})


def shape(*paragraphs: str, placeholder: str = "") -> str:
    """A text shape on a slide."""
    mark = f'<p:ph type="{placeholder}"/>' if placeholder else ""
    lines = "".join(f"<a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p>" for text in paragraphs)
    return f"<p:sp><p:nvSpPr><p:nvPr>{mark}</p:nvPr></p:nvSpPr><p:txBody>{lines}</p:txBody></p:sp>"


def xlsx(sheets: Mapping[str, Sequence[Sequence[str | float]]]) -> bytes:
    """A workbook."""
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="r{number}"/>' for number, name in enumerate(sheets, 1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{kind}.worksheet+xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
        f'PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}relationships"><Relationship Id="r1" '
        f'Type="{R}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}relationships">'
        + "".join(
            f'<Relationship Id="r{number}" Type="{R}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, len(sheets) + 1)
        )
        + "</Relationships>",
    }
    for number, rows in enumerate(sheets.values(), start=1):
        lines = "".join(f'<row r="{place}">{_cells(row, place)}</row>' for place, row in enumerate(rows, start=1))
        parts[f"xl/worksheets/sheet{number}.xml"] = f'<worksheet xmlns="{S}"><sheetData>{lines}</sheetData></worksheet>'
    return packed(parts)


def _cells(row: Sequence[str | float], number: int) -> str:
    cells = []
    for place, value in enumerate(row):
        reference = f"{chr(ord('A') + place)}{number}"
        if isinstance(value, str):
            cells.append(f'<c r="{reference}" t="inlineStr"><is><t>{escape(value)}</t></is></c>' if value else "")
        else:
            cells.append(f'<c r="{reference}"><v>{value}</v></c>')
    return "".join(cells)


def odf(kind: str, body: str, *, meta: str = "", styles: str = "") -> bytes:
    """An OpenDocument file; `kind` is `text` or `presentation`."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{uri}:1.0"'
        for name, uri in {
            **{"office": "office", "text": "text", "table": "table", "draw": "drawing", "meta": "meta"},
            **{"presentation": "presentation", "style": "style"},
        }.items()
    )
    spaces += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    parts: dict[str, str] = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f"<office:document-content {spaces}><office:body><office:{kind}>{body}</office:{kind}>"
        "</office:body></office:document-content>",
    }
    if meta:
        parts["meta.xml"] = f"<office:document-meta {spaces}><office:meta>{meta}</office:meta></office:document-meta>"
    if styles:
        parts["styles.xml"] = f"<office:document-styles {spaces}>{styles}</office:document-styles>"
    return packed(parts)


def epub(chapters: Sequence[str], title: str = "A book") -> bytes:
    items = "".join(f'<item id="c{place}" href="c{place}.xhtml"/>' for place in range(len(chapters)))
    order = "".join(f'<itemref idref="c{place}"/>' for place in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>{title}</dc:title><dc:creator>Ada Writer</dc:creator></metadata>"
        f"<manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    container = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    texts = {f"OPS/c{place}.xhtml": f"<html><body>{text}</body></html>" for place, text in enumerate(chapters)}
    return packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OPS/book.opf": package,
            **dict(reversed(texts.items())),
        }
    )


def pdf(pages: Sequence[Sequence[str]], *, info: str = "", outline: Sequence[tuple[str, int]] = ()) -> bytes:
    """A PDF with lines of Helvetica; `outline` holds headings and their pages, 1-based."""
    first_page = 4  # object numbers: 1 catalogue, 2 page tree, 3 font, then page and content in turns
    kids = " ".join(f"{first_page + 2 * place} 0 R" for place in range(len(pages)))
    objects = [
        "",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for place, lines in enumerate(pages):
        text = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
        stream = f"BT /F1 10 Tf 12 TL 40 780 Td\n{text}ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 842]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {first_page + 2 * place + 1} 0 R>>"
        )
        objects.append(f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream")
    objects[0] = "<</Type/Catalog/Pages 2 0 R>>"
    if outline:
        root = len(objects) + 1
        objects[0] = f"<</Type/Catalog/Pages 2 0 R/Outlines {root} 0 R>>"
        objects.append(f"<</Type/Outlines/First {root + 1} 0 R/Last {root + len(outline)} 0 R/Count {len(outline)}>>")
        for place, (name, page) in enumerate(outline, start=1):
            following = f"/Next {root + place + 1} 0 R" if place < len(outline) else ""
            target = f"[{first_page + 2 * (page - 1)} 0 R/Fit]"
            objects.append(f"<</Title({_escaped(name)})/Parent {root} 0 R/Dest{target}{following}>>")
    trailer = ""
    if info:
        objects.append(f"<<{info}>>")
        trailer = f"/Info {len(objects)} 0 R"
    return pdf_of_objects([text.encode("latin-1") for text in objects], trailer)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def pdf_of_objects(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """A PDF file around numbered objects, the first of which is its catalogue."""
    out = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        trailer.encode(),
        len(out),
    )
    return out + head + table + end


def flate_bomb(size: int) -> bytes:
    """A PDF whose only page unpacks to `size` bytes, packed twice."""
    stream = zlib.compress(zlib.compress(b"BT /F1 12 Tf (x) Tj ET " + b" " * size, 9), 9)
    return pdf_of_objects(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>",
            b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>\nstream\n" % len(stream) + stream + b"\nendstream",
        ]
    )


def compound(streams: Mapping[str, bytes]) -> bytes:
    """An OLE2 compound file; every stream is padded to 4,096 bytes, so that none needs the mini stream."""
    sector = 512
    padded = {name: data.ljust(-(-max(len(data), 4096) // sector) * sector, b"\0") for name, data in streams.items()}
    chains, content, position = [], b"", 0
    for data in padded.values():
        count = len(data) // sector
        chains.append(position)
        content += data
        position += count
    table: list[int] = []
    for data in padded.values():
        start, count = len(table), len(data) // sector
        table += [*range(start + 1, start + count), 0xFFFFFFFE]
    entries = [_entry("Root Entry", 5, child=1 if streams else -1, start=0xFFFFFFFE, size=0)]
    names = list(streams)
    for place, name in enumerate(names):
        sibling = place + 2 if place + 1 < len(names) else -1
        entries.append(_entry(name, 2, sibling=sibling, start=chains[place], size=len(padded[name])))
    directory = b"".join(entries).ljust(-(-len(entries) * 128 // sector) * sector, b"\0")
    directory_start = len(table)
    sectors = len(directory) // sector
    table += [*range(directory_start + 1, directory_start + sectors), 0xFFFFFFFE]
    tables = -(-(len(table) + 1) // 127)
    table_start = len(table)
    table += [0xFFFFFFFD] * tables
    fat = struct.pack(f"<{len(table)}I", *table).ljust(tables * sector, b"\xff")
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, tables, directory_start, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0),
    )
    listed = [*range(table_start, table_start + tables), *[0xFFFFFFFF] * (109 - tables)]
    return header + struct.pack("<109I", *listed) + content + directory + fat


def _entry(name: str, kind: int, *, sibling: int = -1, child: int = -1, start: int, size: int) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        encoded,
        len(encoded),
        kind,
        1,
        0xFFFFFFFF,
        sibling & 0xFFFFFFFF,
        child & 0xFFFFFFFF,
        b"",
        *(0, 0, 0, start, size),
    )
