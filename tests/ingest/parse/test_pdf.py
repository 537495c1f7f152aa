"""PDF: pages, paragraphs, tables, headings, and the reasons for having none."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import pytest

from localsearch.ingest.parse import library, pdfium
from localsearch.ingest.parse.formats import pdf
from localsearch.ingest.parse.formats.headings import level
from localsearch.ingest.parse.formats.hyphens import join_pages
from localsearch.ingest.parse.formats.pages import is_row
from localsearch.ingest.parse.limits import Limits
from localsearch.ingest.parse.source import Budget, Source
from tests.ingest.parse import samples
from tests.ingest.parse.conftest import Parse, Read, block_with, lines

LONG = [
    "The tenant gives notice in writing three months before the end of a quarter, and hands back",
    "all keys on the last day. A deposit of two rents is repaid within thirty days after the rooms",
    "have been inspected by both sides, unless damage is found that goes beyond ordinary use.",
]


def test_every_block_knows_its_page(read: Read) -> None:
    document = read(samples.pdf([["First page"], [], ["Third page"]]), "a.pdf")
    assert [(block.page, block.text) for block in document.blocks] == [(1, "First page"), (3, "Third page")]


def test_wrapped_lines_become_one_paragraph(read: Read) -> None:
    following = "Another paragraph begins here and is long enough to wrap."
    document = read(samples.pdf([[*LONG, "Short end.", following]]), "a.pdf")
    assert document.blocks[0].text == " ".join([*LONG, "Short end."])
    assert document.blocks[1].text == following


def test_rows_of_numbers_stay_lines_under_their_years(read: Read) -> None:
    table = [
        "(in millions) 2024 2023",
        "Net sales $ 1,250 $ 1,100",
        "Cost of goods sold (800) (700)",
        "Current assets:",
        "Cash and cash equivalents 300 250",
    ]
    document = read(samples.pdf([[*LONG, *table]]), "a.pdf")
    block = block_with(document, "Net sales")
    assert (block.kind.value, block.text, block.header) == ("table", "\n".join(table), "(in millions) 2024 2023")


def test_headings_are_told_by_how_they_are_written(read: Read) -> None:
    page = ["PART II", "Item 7. Leases", *LONG, "Short end.", "Deposit and Rent", *LONG]
    document = read(samples.pdf([page]), "a.pdf")
    headings = [text for kind, text in lines(document) if kind == "heading"]
    assert headings == ["PART II", "Item 7. Leases", "Deposit and Rent"]
    assert document.blocks[-1].headings == ("PART II", "Item 7. Leases", "Deposit and Rent")


def test_headings_of_the_outline(read: Read) -> None:
    document = read(samples.pdf([["rent in general", *LONG]], outline=[("Rent in general", 1)]), "a.pdf")
    assert document.blocks[0].kind.value == "heading"


def test_a_table_of_contents_has_no_headings(read: Read) -> None:
    page = ["Contents", *(f"Item {number}. Something {10 * number}" for number in range(1, 9))]
    assert {kind for kind, _ in lines(read(samples.pdf([page]), "a.pdf"))} == {"paragraph"}


def test_running_headers_and_page_numbers_are_left_out(read: Read) -> None:
    pages = [["Lease 4711", f"Text of page {word}", f"Page {number} of 6"] for number, word in enumerate("abcdef", 1)]
    document = read(samples.pdf(pages), "a.pdf")
    assert [block.text for block in document.blocks] == [f"Text of page {word}" for word in "abcdef"]


def test_a_page_of_nothing_but_a_header_keeps_it(read: Read) -> None:
    assert read(samples.pdf([["Draft"]] * 5), "a.pdf").text.count("Draft") == 5


def test_properties(read: Read) -> None:
    info = "/Title(Office lease)/Author(Ada Writer)/CreationDate(D:20240229120000Z)/ModDate(D:20250101000000Z)"
    document = read(samples.pdf([["x"]], info=info), "a.pdf")
    assert (document.title, document.author, document.date) == ("Office lease", "Ada Writer", 1709208000)
    assert read(samples.pdf([["x"]], info="/Title(Microsoft Word - lease.doc)"), "a.pdf").title == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (samples.pdf([[], []]), "no text layer (2 pages)"),
        (samples.pdf([[]]), "no text layer (1 page)"),
        (b"%PDF-1.4\n", "damaged: not a valid PDF"),
    ],
)
def test_reasons(parse: Parse, data: bytes, reason: str) -> None:
    parsed = parse(data, "a.pdf")
    assert (parsed.reason, parsed.type) == (reason, "pdf")


def with_letters(text: str, letters: str) -> bytes:
    """A page whose font says that `A`, `B` ... are other letters."""
    codes = [letter.encode("utf-16-be", "surrogatepass").hex() for letter in letters]
    mapping = "".join(f"<{65 + place:02x}> <{code}>\n" for place, code in enumerate(codes))
    table = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(letters)} beginbfchar\n{mapping}endbfchar endcmap end"
    )
    lines = " ".join(f"({line}) Tj 0 -30 Td" for line in text.split("\n"))
    page = f"BT /F1 10 Tf 40 780 Td {lines} ET"
    return samples.pdf_of_objects(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 842]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
            *(f"<</Length {len(one)}>>\nstream\n{one}\nendstream".encode() for one in (page, table)),
        ]
    )


def test_an_emoji(read: Read) -> None:
    assert read(with_letters("plain words A", "😀"), "a.pdf").text == "plain words 😀"


def test_half_a_character_costs_no_page(read: Read) -> None:
    assert read(with_letters("before\nA\nafter", "\ud83d"), "a.pdf").text == "before after"


def test_letters_that_the_font_does_not_tell_are_left_out(parse: Parse) -> None:
    parsed = parse(with_letters("ABCABCABC", "\x03\x04\x05"), "a.pdf")
    assert parsed.reason == "no text layer (1 page)"


def test_an_encrypted_pdf(parse: Parse) -> None:
    """A standard security handler with keys that no empty password opens."""
    keys = "<<" + "/Filter/Standard/V 1/R 2/P -4/O<" + "41" * 32 + ">/U<" + "42" * 32 + ">>>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>", keys.encode()]
    data = samples.pdf_of_objects(objects, "/Encrypt 3 0 R/ID[<00><00>]")
    assert parse(data, "a.pdf").reason == "encrypted"


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        (["contract obli\x02gations"], "contract obligations"),
        (["a third\x02party", "third-party and third-party"], "a third-party"),
        (["Asia\x02Pacific"], "Asia-Pacific"),
        (["page 3\x02 4"], "page 3-4"),
        (["no break"], "no break"),
    ],
)
def test_words_broken_at_line_ends(texts: list[str], joined: str) -> None:
    assert join_pages(texts)[0] == joined


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("Total assets $ 14,535,556 $ 12,697,246", True),
        ("Investment in lease receivable — 80,439", True),
        ("2024 2023 2022", True),
        ("Margin 24.1% (0.7)%", True),
        ("The lease ends in 2024", False),
        ("Text of 3 words", False),
        ("", False),
    ],
)
def test_rows(line: str, row: bool) -> None:
    assert is_row(line) is row


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("PART II", 1),
        ("Item 7A. Market Risk", 2),
        ("3.2 Termination of Service", 3),
        ("CONSOLIDATED BALANCE SHEETS", 3),
        ("Item 1. Business 3", None),
        ("3 apples were eaten", None),
        ("This is a sentence.", None),
        ("USA", None),
    ],
)
def test_levels(line: str, expected: int | None) -> None:
    assert level(line) == expected


def with_pages(contents: Sequence[str]) -> bytes:
    """A PDF with these content streams as pages."""
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(contents)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(contents)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for place, content in enumerate(contents):
        objects += [
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 842]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {5 + 2 * place} 0 R>>",
            f"<</Length {len(content)}>>\nstream\n{content}\nendstream",
        ]
    return samples.pdf_of_objects([one.encode() for one in objects])


def report_page(number: int) -> str:
    """A page as full as those of annual reports: 60 lines, each placed on its own."""
    lines = (f"1 0 0 1 40 {800 - 13 * line} Tm ({LONG[line % 3]} {number}.{line}) Tj" for line in range(60))
    return f"BT /F1 8 Tf {' '.join(lines)} ET"


@pytest.mark.parametrize("blank_page", [1, 50])
def test_a_blank_page_costs_nothing(parse: Parse, blank_page: int) -> None:
    """A report of 100 full pages, one of which is blank, is read whole and without a note."""
    pages = ["" if number == blank_page else report_page(number) for number in range(1, 101)]
    parsed = parse(with_pages(pages), "report.pdf")
    (document,) = parsed.documents
    assert {block.page for block in document.blocks} == set(range(1, 101)) - {blank_page}
    assert parsed.notes == ()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The PDF library in this process, for what a worker would hide."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("library")))
        library.load()


@pytest.mark.usefixtures("loaded")
def test_only_the_empty_pages_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def remembered(data: bytes, numbers: Iterable[int], *, until: float) -> Iterator[pdfium.Page]:
        assert until == 7, "as long as there is time"
        asked.extend(numbers)
        yield from ()

    monkeypatch.setattr(pdfium, "read", remembered)
    data = samples.pdf([["first"], [], ["third"], []])
    reading = pdf.read(source(data, until=7))
    assert asked == [2, 4]
    assert {block.page for block in reading.documents[0].blocks} == {1, 3}, "what was read is kept"


def test_scanned_pages_among_others_are_told(parse: Parse) -> None:
    picture = "q 500 0 0 700 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x41 EI Q"
    logo = picture.replace("500 0 0 700", "90 0 0 60")
    rule = "40 800 m 500 800 l S"
    parsed = parse(with_pages([report_page(1), picture, rule, picture, logo, report_page(6)]), "a.pdf")
    assert parsed.notes == ("2 of 6 pages have no text",), "a line and a logo are no scan"
    assert {block.page for block in parsed.documents[0].blocks} == {1, 6}


@pytest.mark.usefixtures("loaded")
def test_a_very_long_document_is_read_as_far_as_the_time_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_LONG", 3)
    data = samples.pdf([[f"page {number} here"] for number in range(1, 6)])
    assert len(pdf.read(source(data)).documents[0].blocks) == 5
    clock = itertools.count(1)
    monkeypatch.setattr(pdfium.time, "process_time", lambda: next(clock))
    reading = pdf.read(source(data, until=4))
    assert [block.text for block in reading.documents[0].blocks] == [f"page {number} here" for number in range(1, 4)]
    assert reading.notes == ("only the first 3 of 5 pages were read",)


def source(data: bytes, until: float = float("inf")) -> Source:
    limits = Limits()
    return Source(data, "a.pdf", limits, Budget(limits.members, limits.file_bytes, until))
