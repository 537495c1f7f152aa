"""Office documents: headings, tables, pages, properties, and what damage leaves of them."""

from __future__ import annotations

import struct

import pytest

from tests.ingest.parse import samples
from tests.ingest.parse.conftest import Parse, Read, block_with, lines
from tests.ingest.parse.samples import A, P, W, shape, w_p, w_table

STYLES = f"""<w:styles xmlns:w="{W}">
    <w:style w:styleId="T"><w:name w:val="Title"/></w:style>
    <w:style w:styleId="b1"><w:name w:val="heading 1"/></w:style>
    <w:style w:styleId="own"><w:name w:val="Our clause"/><w:basedOn w:val="level"/></w:style>
    <w:style w:styleId="level"><w:name w:val="x"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
    <w:style w:styleId="loop"><w:name w:val="y"/><w:basedOn w:val="loop"/></w:style></w:styles>"""
CORE = """<c xmlns:dc="d" xmlns:t="t"><dc:title>%s</dc:title><dc:creator>%s</dc:creator>
    <t:created>2020-01-01T00:00:00Z</t:created><t:modified>2024-02-29T12:00:00Z</t:modified></c>"""


def run(*inner: str) -> str:
    return "".join(f"<w:r>{one}</w:r>" for one in inner)


def test_docx_headings_by_style_name_level_and_inheritance(read: Read) -> None:
    body = w_p("Lease", "T") + w_p("Terms", "b1") + w_p("Notice", "own") + w_p("Three months.", "loop")
    document = read(samples.docx(body, styles=STYLES), "a.docx")
    assert document.title == "Lease"
    assert document.blocks[-1].headings == ("Terms", "Notice")
    assert [kind for kind, _ in lines(document)] == ["heading", "heading", "heading", "paragraph"]


def test_docx_characters_inside_a_paragraph(read: Read) -> None:
    body = "".join(
        (
            w_p(run("<w:t>Clause</w:t><w:tab/><w:t>one</w:t>", "<w:t>day</w:t><w:noBreakHyphen/><w:t>to-day</w:t>")),
            w_p(run("<w:t>wo</w:t>", "<w:t>rd</w:t>", "<w:br/><w:t>next</w:t>")),
            w_p(f"<w:ins>{run('<w:t>new</w:t>')}</w:ins><w:del>{run('<w:delText>old</w:delText>')}</w:del>"),
            w_p(run("<w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t>", "<w:t>shown</w:t>")),
            w_p(run("<w:instrText>HYPERLINK x</w:instrText>", "<w:t>link</w:t>")),
            w_p(run("<w:t>bad_x000D_run</w:t>")),
        )
    )
    texts = [text for _, text in lines(read(samples.docx(body), "a.docx"))]
    assert texts == ["Clause oneday-to-day", "word\nnext", "new", "shown", "link", "bad\nrun"]


def test_docx_lists_tables_and_boxes(read: Read) -> None:
    item = "<w:numPr><w:numId w:val='1'/></w:numPr>"
    box = f"<w:r><w:txbxContent>{w_p('In a box')}</w:txbxContent></w:r>"
    both = f"<AlternateContent><Choice>{box}</Choice><Fallback>{box}</Fallback></AlternateContent>"
    wide = (
        f"<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>{w_p('All')}</w:tc><w:tc>{w_p('c')}</w:tc></w:tr>"
    )
    body = "".join(
        (
            w_p("One", properties=item) + w_p("Two", properties=item),
            w_table([["Item", "Cost"], ["Hotel", "100"]]),
            wide + f"<w:tr><w:tc>{w_p('a')}</w:tc><w:tc>{w_p('b')}</w:tc><w:tc>{w_p('c')}</w:tc></w:tr></w:tbl>",
            w_table([["A frame"]]),
            f"<w:p>{run('<w:t>Around</w:t>')}{both}</w:p>",
        )
    )
    assert lines(read(samples.docx(body), "a.docx")) == [
        ("paragraph", "- One\n- Two"),
        ("table", "Item | Cost\nHotel | 100"),
        ("table", "All |  | c\na | b | c"),
        ("paragraph", "A frame"),
        ("paragraph", "Around"),
        ("paragraph", "In a box"),
    ]


def test_docx_notes_comments_headers_and_footers(read: Read) -> None:
    note = f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="2">{w_p("See annex.")}</w:footnote></w:footnotes>'
    comment = f'<w:comments xmlns:w="{W}"><w:comment>{w_p("Check this")}</w:comment></w:comments>'
    furniture = f'<w:hdr xmlns:w="{W}">{w_p("Lease 4711")}</w:hdr>'
    body = w_p(run("<w:t>Rent.</w:t>", '<w:footnoteReference w:id="2"/>'))
    document = read(
        samples.docx(body, footnotes=note, comments=comment, header1=furniture, header2=furniture), "a.docx"
    )
    assert [text for _, text in lines(document)] == ["Rent. [See annex.]", "Check this", "Lease 4711"]


@pytest.mark.parametrize(
    ("title", "author", "expected"),
    [
        ("Lease of the office", "Ada Writer", ("Lease of the office", "Ada Writer")),
        ("Microsoft Word - lease.doc", "admin", ("Lease", "")),
        ("Dokument1", "python-docx", ("Lease", "")),
        ("PowerPoint-Präsentation", "Microsoft Office User", ("Lease", "")),
        ("template_v2.dotx", "", ("Lease", "")),
        ("无标题", "openpyxl", ("Lease", "")),
    ],
)
def test_docx_properties_without_what_programs_make_up(
    read: Read, title: str, author: str, expected: tuple[str, str]
) -> None:
    data = samples.packed(
        {
            "word/document.xml": f'<d xmlns:w="{W}"><w:body>{w_p("Lease", "b1")}</w:body></d>',
            "word/styles.xml": STYLES,
            "docProps/core.xml": CORE % (title, author),
        }
    )
    document = read(data, "a.docx")
    assert (document.title, document.author) == expected
    assert document.date == 1709208000


def test_docx_under_another_name_is_told_by_its_bytes(parse: Parse) -> None:
    parsed = parse(samples.docx(w_p("Lease")), "lease.doc")
    assert (parsed.type, parsed.documents[0].text) == ("docx", "Lease")


def test_a_cut_docx_gives_what_is_there(parse: Parse) -> None:
    words = " ".join(f"word{number}" for number in range(20_000))
    data = samples.docx(w_p("Beginning") + w_p(words) + w_p("End"))
    parsed = parse(data[: len(data) // 2], "a.docx")
    assert parsed.type == "docx"
    assert parsed.documents[0].blocks[0].text == "Beginning"
    assert parsed.notes[0].startswith("damaged")


def test_a_docx_with_a_wrong_checksum_is_read(read: Read) -> None:
    data = bytearray(samples.docx(w_p("Lease")))
    place = data.rindex(b"PK\1\2")
    data[place + 16 : place + 20] = b"\0\0\0\0"
    assert read(bytes(data), "a.docx").text == "Lease"


def test_an_encrypted_office_file(parse: Parse) -> None:
    data = samples.compound({"EncryptedPackage": b"x", "EncryptionInfo": b"y"})
    assert parse(data, "a.docx").reason == "encrypted"


def test_pptx_slides_in_order_with_titles_first_tables_and_notes(read: Read) -> None:
    table = "<a:tbl><a:tr>{}{}</a:tr><a:tr>{}{}</a:tr></a:tbl>".format(
        *tuple(f"<a:tc><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>" for text in "abcd")
    )
    frame = f"<p:graphicFrame><a:graphic><a:graphicData>{table}</a:graphicData></a:graphic></p:graphicFrame>"
    first = shape("First point", "Second point") + shape("Plan", placeholder="title") + shape("7", placeholder="sldNum")
    notes = f'<p:notes xmlns:p="{P}" xmlns:a="{A}"><p:cSld><p:spTree>{shape("Say hello", placeholder="body")}'
    data = samples.pptx(
        [first, f"<p:grpSp>{shape('Grouped')}</p:grpSp>{frame}"],
        {
            "ppt/slides/_rels/slide2.xml.rels": samples.relationships({"n": "../notesSlides/notesSlide1.xml"}),
            "ppt/notesSlides/notesSlide1.xml": notes + "</p:spTree></p:cSld></p:notes>",
        },
    )
    document = read(data, "a.pptx")
    assert document.title == "Plan"
    assert [(block.page, block.text) for block in document.blocks] == [
        (1, "Plan"),
        (1, "First point\nSecond point"),
        (1, "Say hello"),
        (2, "Grouped"),
        (2, "a | b\nc | d"),
    ]
    assert document.blocks[1].headings == ("Plan",)
    assert document.blocks[3].headings == ()


def test_pptx_charts_and_damaged_slides(read: Read) -> None:
    def values(name: str, *texts: str) -> str:
        return f"<{name}><cache>" + "".join(f"<pt><v>{text}</v></pt>" for text in texts) + f"</cache></{name}>"

    series = f"<ser>{values('tx', 'Sales')}{values('cat', '2023', '2024')}{values('val', '10', '12')}</ser>"
    data = samples.pptx(
        ["<broken <a:p><a:r><a:t>Saved &amp; sound</a:t></a:r></a:p>", shape("Chart here")],
        {
            "ppt/slides/_rels/slide1.xml.rels": samples.relationships({"c": "../charts/chart1.xml"}),
            "ppt/charts/chart1.xml": f"<chart><title><t>Revenue</t></title>{series}</chart>",
        },
    )
    document = read(data, "a.pptx")
    assert [(block.page, block.text) for block in document.blocks] == [
        (1, "Saved & sound"),
        (2, "Chart here"),
        (2, "Revenue"),
        (2, " | Sales\n2023 | 10\n2024 | 12"),
    ]


def test_xlsx_sheets_regions_and_headers(read: Read) -> None:
    prices: list[list[str | float]] = [
        ["Price list 2024"],
        ["", "Item", "Price"],
        ["", "Bolt", 1.25],
        [],
        ["", "Nut", 0.5],
    ]
    data = samples.xlsx({"Prices": prices, "Empty": [], "People": [["Name", "2023", "2024"], ["Ada", 1, 2]]})
    document = read(data, "a.xlsx")
    assert [(block.page, block.kind.value, block.text, block.header) for block in document.blocks] == [
        (1, "heading", "Prices", ""),
        (1, "paragraph", "Price list 2024", ""),
        (1, "table", "Item | Price\nBolt | 1.25", "Item | Price"),
        (1, "table", "Item | Price\nNut | 0.5", "Item | Price"),
        (3, "heading", "People", ""),
        (3, "table", "Name | 2023 | 2024\nAda | 1 | 2", "Name | 2023 | 2024"),
    ]


def test_xlsx_comments_belong_to_their_sheet(read: Read) -> None:
    comments = "<comments><commentList><comment><text><r><t>Ask </t></r><r><t>Ada</t></r></text></comment>"
    rels = samples.relationships({"c": "../comments1.xml"})
    base = samples.xlsx({"One": [["x", "y"]], "Two": [["z", "w"]]})
    data = samples.added(
        base,
        {
            "xl/comments1.xml": comments + "</commentList></comments>",
            "xl/worksheets/_rels/sheet2.xml.rels": rels,
        },
    )
    document = read(data, "a.xlsx")
    assert (block_with(document, "Ask Ada").page, block_with(document, "x | y").page) == (2, 1)


def test_odt(read: Read) -> None:
    body = """<text:p text:style-name="P1">Lease</text:p><text:h text:outline-level="2">Terms</text:h>
        <text:p>One<text:tab/>two<text:s text:c="3"/>three<text:line-break/>four<text:note><text:note-citation>1
        </text:note-citation><text:note-body><text:p>See annex</text:p></text:note-body></text:note></text:p>
        <text:list><text:list-item><text:p>a</text:p><text:list><text:list-item><text:p>b</text:p></text:list-item>
        </text:list></text:list-item></text:list>
        <table:table><table:table-row><table:table-cell><text:p>Item</text:p></table:table-cell><table:table-cell
        table:number-columns-repeated="2"><text:p>x</text:p></table:table-cell></table:table-row></table:table>"""
    meta = "<dc:title>Office lease</dc:title><dc:creator>Ada</dc:creator><dc:date>2024-02-29T12:00:00</dc:date>"
    styles = """<style:style style:name="P1" style:parent-style-name="Title"/><style:master-page>
        <style:footer><text:p>Page footer</text:p></style:footer></style:master-page>"""
    document = read(samples.odf("text", body, meta=meta, styles=styles), "a.odt")
    assert (document.title, document.author, document.date) == ("Office lease", "Ada", 1709208000)
    assert lines(document) == [
        ("heading", "Lease"),
        ("heading", "Terms"),
        ("paragraph", "One two three\nfour [See annex]"),
        ("paragraph", "- a\n- b"),
        ("table", "Item | x | x"),
        ("paragraph", "Page footer"),
    ]


def test_odp_slides_and_notes(read: Read) -> None:
    def frame(text: str, kind: str) -> str:
        box = f"<draw:text-box><text:p>{text}</text:p></draw:text-box>"
        return f'<draw:frame presentation:class="{kind}">{box}</draw:frame>'

    body = (
        f"<draw:page>{frame('Point', 'outline')}{frame('Plan', 'title')}"
        f"<presentation:notes>{frame('Say hello', 'notes')}</presentation:notes></draw:page>"
        f"<draw:page>{frame('Second', 'title')}</draw:page>"
    )
    document = read(samples.odf("presentation", body), "a.odp")
    found = [(block.page, block.text) for block in document.blocks]
    assert found == [(1, "Plan"), (1, "Point"), (1, "Say hello"), (2, "Second")]


def test_an_encrypted_odt(parse: Parse) -> None:
    data = samples.packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": "<m><encryption-data/></m>",
            "content.xml": b"\x80\x81",
        }
    )
    assert parse(data, "a.odt").reason == "encrypted"


def test_epub_chapters_in_the_order_of_the_spine(read: Read) -> None:
    document = read(
        samples.epub(["<h1>One</h1><ul><li>a<ul><li>b</li></ul></li></ul>", "<h1>Two</h1><p>End"]), "a.epub"
    )
    assert (document.title, document.author) == ("A book", "Ada Writer")
    assert [text for _, text in lines(document)] == ["One", "- a\n- b", "Two", "End"]


def test_rtf(read: Read) -> None:
    text = (
        rb"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset238 Arial CE;}{\f2\fcharset134 S;}}"
        rb"{\info{\title Our lease}{\author Ada}{\revtim\yr2024\mo2\dy29\hr12}}{\*\generator Word;}"
        rb"\f0 Gr\'f6\'dfe \u8364?5\par \f1 \'e8e\'9atina\par{\f2 \'ba\'cf\'cd\'ac}\par"
        rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}{\v hidden}{\pict 00ff}\emdash\tab x\par"
        rb"\trowd\intbl Item\cell Cost\cell\row\intbl a\cell b\cell\row\pard After\par}"
    )
    document = read(text, "a.rtf")
    assert (document.title, document.author, document.date) == ("Our lease", "Ada", 1709208000)
    assert lines(document) == [
        ("paragraph", "Größe €5"),
        ("paragraph", "čeština"),
        ("paragraph", "合同"),
        ("paragraph", "link— x"),
        ("table", "Item | Cost\na | b"),
        ("paragraph", "After"),
    ]


def word_document(text: str, *, headings: dict[int, int] | None = None, flags: int = 0) -> bytes:
    """A DOC with one UTF-16 piece; `headings` maps the number of a paragraph to its style."""
    start = 1024
    encoded = text.encode("utf-16-le")
    ends = [place + 1 for place, character in enumerate(text) if character in "\r\x07"]
    bounds = [start + 2 * place for place in [0, *ends]]
    page = bytearray(512)
    struct.pack_into(f"<{len(bounds)}I", page, 0, *bounds)
    for number in range(len(ends)):
        style = (headings or {}).get(number, 0)
        offset = 480 - 4 * number
        page[4 * len(bounds) + 13 * number] = offset // 2
        struct.pack_into("<BH", page, offset, 2, style)
    page[511] = len(ends)
    stream = bytearray(start)
    struct.pack_into("<H8xH", stream, 0, 0xA5EC, flags)
    clx = b"\x02" + struct.pack("<IIIHIH", 16, 0, len(text), 0, start, 0)
    styles = struct.pack("<III", start, start + len(encoded), -(-(start + len(encoded)) // 512))
    struct.pack_into("<II", stream, 0x1A2, 0, len(clx))
    struct.pack_into("<II", stream, 0x102, len(clx), len(styles))
    body = (bytes(stream) + encoded).ljust(-(-(start + len(encoded)) // 512) * 512, b"\0") + bytes(page)
    return samples.compound({"WordDocument": body, "0Table": clx + styles})


def test_doc_headings_fields_and_tables(read: Read) -> None:
    text = "Terms\rSee \x13 HYPERLINK x \x14the annex\x15.\rItem\x07Cost\x07\x07Hotel\x07100\x07\x07Après\r"
    document = read(word_document(text, headings={0: 1}), "a.doc")
    assert document.title == "Terms"
    assert lines(document) == [
        ("heading", "Terms"),
        ("paragraph", "See the annex."),
        ("table", "Item | Cost\nHotel | 100"),
        ("paragraph", "Après"),
    ]
    assert document.blocks[-1].headings == ("Terms",)


def test_an_encrypted_doc(parse: Parse) -> None:
    assert parse(word_document("secret\r", flags=0x0100), "a.doc").reason == "encrypted"


def record(kind: int, data: bytes, *, instance: int = 0, holds_records: bool = False) -> bytes:
    return struct.pack("<HHI", instance << 4 | (0xF if holds_records else 0), kind, len(data)) + data


def test_ppt_slides_in_the_order_of_the_newest_saving(read: Read) -> None:
    def container(kind: int, *records: bytes, instance: int = 0) -> bytes:
        return record(kind, b"".join(records), instance=instance, holds_records=True)

    def text(value: str, kind: int) -> bytes:
        return record(3999, struct.pack("<I", kind)) + record(4000, value.encode("utf-16-le"))

    def listed(place: int, number: int) -> bytes:
        return record(1011, struct.pack("<IIIII", place, 0, 0, number, 0))

    second = container(1006, container(1036, text("Costs", 0), text("Hotel 100", 1)))
    first = container(1006, container(1036, text("Any point", 1)))
    notes = container(1008, record(1009, struct.pack("<II", 257, 0)), text("Say hello", 2))
    document = container(
        1000,
        container(4080, listed(2, 256), text("Plan", 0), listed(3, 257), instance=0),
        container(4080, listed(4, 258), instance=2),
    )
    stream, offsets = b"", []
    for part in (second, first, notes, document):
        offsets.append(len(stream))
        stream += part
    directory = len(stream)
    places = [offsets[3], offsets[1], offsets[0], offsets[2]]
    stream += record(6002, struct.pack("<5I", 4 << 20 | 1, *places))
    edit = len(stream)
    stream += record(4085, struct.pack("<7I", 0, 0, 0, directory, 1, 5, 0))
    user = record(4086, struct.pack("<III", 20, 0xE391C05F, edit))
    found = read(samples.compound({"PowerPoint Document": stream, "Current User": user}), "a.ppt")
    assert [(block.page, block.text) for block in found.blocks] == [
        (1, "Plan"),
        (1, "Any point"),
        (2, "Costs"),
        (2, "Hotel 100"),
        (2, "Say hello"),
    ]


def test_visio_and_previews_of_pages(read: Read, parse: Parse) -> None:
    drawing = samples.packed({"visio/pages/page2.xml": "<p><s><Text>Start <cp/>here</Text></s></p>"})
    assert [(block.page, block.text) for block in read(drawing, "a.vsdx").blocks] == [(2, "Start here")]
    pages = {"Index/Document.iwa": b"x", "QuickLook/Preview.pdf": samples.pdf([["Preview text"]])}
    assert read(samples.packed(pages), "a.pages").text == "Preview text"
    assert parse(samples.packed({"Index/Document.iwa": b"x"}), "a.pages").reason == "format not supported (.pages)"


@pytest.mark.parametrize("name", ["a.docx", "a.bin2", "a"])
def test_a_package_without_its_main_part_is_no_archive_of_xml(parse: Parse, name: str) -> None:
    whole = samples.docx(w_p("Lease"), styles=STYLES)
    for damaged in (whole.replace(b"word/", b"w\xffrd/"), samples.packed({"docProps/core.xml": CORE % ("a", "b")})):
        parsed = parse(damaged, name)
        assert parsed.documents == ()
        assert parsed.reason.startswith("damaged: ")


def test_an_archive_of_xml_files_is_still_one(parse: Parse) -> None:
    assert len(parse(samples.packed({"a.xml": "<a>one</a>", "b.xml": "<a>two</a>"}), "a.zip").documents) == 2
