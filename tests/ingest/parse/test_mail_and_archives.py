"""Documents inside documents: mails, mailboxes, archives, and what limits them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Mapping
from email.message import EmailMessage

import pytest

from localsearch.ingest.parse.limits import Limits
from localsearch.ingest.parse.pool import ParserPool
from tests.ingest.parse import samples
from tests.ingest.parse.conftest import Parse, Read, lines, parse_bytes


def mail(subject: str = "Rent in May", body: str = "Please pay 500 €.") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ada Müller <ada@example.com>"
    message["To"] = "bob@example.com"
    message["Date"] = "Thu, 29 Feb 2024 12:00:00 +0000"
    message["Subject"] = subject
    message.set_content(body)
    return message


def test_a_mail(read: Read) -> None:
    document = read(mail(subject="Überweisung für Mai").as_bytes(), "a.eml")
    assert (document.title, document.author, document.date) == (
        "Überweisung für Mai",
        "Ada Müller <ada@example.com>",
        1709208000,
    )
    assert lines(document) == [
        ("heading", "Überweisung für Mai"),
        (
            "paragraph",
            "From: Ada Müller <ada@example.com>\nTo: bob@example.com\nDate: Thu, 29 Feb 2024 12:00:00 +0000",
        ),
        ("paragraph", "Please pay 500 €."),
    ]
    assert document.blocks[-1].headings == ("Überweisung für Mai",)


def test_plain_text_is_preferred_unless_it_says_much_less(read: Read) -> None:
    message = mail(body="Please pay.")
    message.add_alternative("<p>Please <b>pay</b>.</p>", subtype="html")
    assert read(message.as_bytes(), "a.eml").blocks[-1].text == "Please pay."
    message = mail(body="See HTML.")
    message.add_alternative("<table><tr><td>Rent</td><td>500</td></tr></table><p>Due on Friday.</p>", subtype="html")
    assert "Rent | 500" in read(message.as_bytes(), "a.eml").text


def test_attachments_become_documents_and_decoration_nothing(parse: Parse) -> None:
    message = mail()
    lease, picture = samples.docx(samples.w_p("Lease")), b"\x89PNG\r\n\x1a\n"
    message.add_attachment(lease, "application", "x", filename="vertrag ä.docx")
    message.add_attachment(picture, "image", "png", filename="logo.png", cid="<1>", disposition="inline")
    message.add_attachment(picture, "image", "png", filename="scan.png")
    message.add_attachment(mail("Earlier mail", "Old text"))
    parsed = parse(message.as_bytes(), "a.eml")
    assert [(document.member, document.title) for document in parsed.documents] == [
        ("", "Rent in May"),
        ("vertrag ä.docx", ""),
        ("message.eml", "Earlier mail"),
    ]
    assert parsed.notes == ("scan.png: image, not text",)


def test_headers_in_raw_bytes(read: Read) -> None:
    data = "From: 王\nSubject: 合同编号\nTo: x@y.z\n\n请付款".encode("gbk")
    document = read(data, "a.eml")
    assert document.title == "合同编号"
    assert document.blocks[-1].text == "请付款"


def test_a_subject_without_end_is_cut(read: Read) -> None:
    document = read(b"From: a@b.c\nSubject: " + b"long " * 100_000 + b"\n\ntext", "a.eml")
    assert len(document.title) <= 300


def test_a_saved_web_page(parse: Parse) -> None:
    message = EmailMessage()
    message["Subject"] = "Price list"
    message["Snapshot-Content-Location"] = "http://example.com"
    message.set_content("<h1>Prices</h1><p>Bolt 1.25", subtype="html")
    message.make_related()
    message.add_related(b"p{}", maintype="text", subtype="css", cid="<s>")
    parsed = parse(message.as_bytes(), "a.mhtml")
    assert (parsed.type, parsed.notes) == ("mhtml", ())
    assert [text for _, text in lines(parsed.documents[0])] == ["Price list", "Prices", "Bolt 1.25"]


def test_a_mailbox(parse: Parse) -> None:
    messages = [mail(f"Mail {number}", "text\n>From here on") for number in (1, 2)]
    data = b"".join(b"From ada@example.com Thu Feb 29\n" + message.as_bytes() + b"\n\n" for message in messages)
    parsed = parse(data, "inbox")
    assert parsed.type == "mbox"
    assert [(document.member, document.title) for document in parsed.documents] == [
        ("message 1", "Mail 1"),
        ("message 2", "Mail 2"),
    ]
    assert "\nFrom here on" in parsed.documents[0].text


def tar(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


MEMBERS = {"minutes/may.txt": b"Minutes of May", "plan.docx": samples.docx(samples.w_p("The plan"))}


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (samples.packed(MEMBERS), "a.zip", "zip"),
        (tar(MEMBERS), "a.tar", "tar"),
        (tar(MEMBERS, "w:gz"), "a.tar.gz", "gz"),
        (tar(MEMBERS, "w:gz"), "a.tgz", "gz"),
        (tar(MEMBERS, "w:bz2"), "a.tar.bz2", "bz2"),
        (tar(MEMBERS, "w:xz"), "a.tar.xz", "xz"),
    ],
)
def test_archives(parse: Parse, data: bytes, name: str, kind: str) -> None:
    parsed = parse(data, name)
    assert parsed.type == kind
    assert [(document.member, document.text) for document in parsed.documents] == [
        ("minutes/may.txt", "Minutes of May"),
        ("plan.docx", "The plan"),
    ]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_single_compressed_file_has_no_member(read: Read, compress: type[bytes]) -> None:
    document = read(bytes(compress(b"A,B\n1,2\n")), "prices.csv.gz")
    assert (document.member, document.blocks[0].header) == ("", "A | B")


def test_archives_in_archives_and_litter(parse: Parse) -> None:
    inner = samples.packed({"may.txt": "text", "photo.jpg": b"\xff\xd8\xff", "__MACOSX/may.txt": "x", "empty.txt": ""})
    parsed = parse(samples.packed({"2024.zip": inner, "Thumbs.db": "x"}), "a.zip")
    assert [document.member for document in parsed.documents] == ["2024.zip/may.txt"]
    assert parsed.notes == ("2024.zip: photo.jpg: image, not text", "2024.zip: empty.txt: empty file")


def test_names_in_the_code_page_of_the_packer(parse: Parse) -> None:
    name = "合同.txt".encode("gbk")
    data = samples.packed({"XXXX.txt": "text"}).replace(b"XXXX.txt", name)
    assert parse(data, "a.zip").documents[0].member == "合同.txt"


def test_a_zip_without_its_list_of_members(parse: Parse) -> None:
    data = samples.packed({"a.txt": "First", "b.txt": "Second"})
    parsed = parse(data[: data.index(b"PK\1\2")], "a.zip")
    assert [document.text for document in parsed.documents] == ["First", "Second"]
    assert parsed.notes[0].startswith("damaged")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (samples.packed({}), "empty archive"),
        (samples.packed({"a.png": b"\x89PNG\r\n"}), "a.png: image, not text"),
        (samples.packed({"a.txt": "", "b.txt": ""}), "none of 2 members gives text (a.txt: empty file)"),
        (gzip.compress(b"text")[:-9], "damaged"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "damaged"),
        (b"Rar!\x1a\x07\0", "format not supported (.zip)"),
    ],
)
def test_reasons(parse: Parse, data: bytes, reason: str) -> None:
    assert reason in parse(data, "a.zip").reason


def test_an_encrypted_zip(parse: Parse) -> None:
    data = bytearray(samples.packed({"a.txt": "secret"}))
    for header, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(header) + place] |= 1
    assert parse(bytes(data), "a.zip").reason == "encrypted"


def test_limits_of_members_bytes_and_depth() -> None:
    many = samples.packed({f"{number}.txt": f"text {number}" for number in range(5)})
    deep = samples.packed({"a.zip": samples.packed({"b.zip": samples.packed({"c.txt": "deep"})}), "top.txt": "top"})
    big = samples.packed({f"{number}.txt": str(number) * 100_000 for number in range(1, 6)})
    with ParserPool(1, limits=Limits(members=4, depth=2, file_bytes=250_000)) as pool:
        parsed = parse_bytes(pool, many, "a.zip")
        assert (len(parsed.documents), parsed.notes) == (4, ("only the first 4 members were read",))
        parsed = parse_bytes(pool, deep, "a.zip")
        assert [document.member for document in parsed.documents] == ["top.txt"]
        assert parsed.notes == ("a.zip: b.zip: c.txt: nested too deeply",)
        parsed = parse_bytes(pool, big, "a.zip")
        assert len(parsed.documents) == 2
        assert parsed.notes[0].startswith("3.txt: unpacks to more than")


def forwarded(levels: int) -> bytes:
    """A mail that was forwarded so many times, each time with a line of text before it."""
    inner = b"From: a@b.c\nTo: d@e.f\nSubject: the first\n\ntext of the first\n"
    for level in range(levels):
        boundary = b"b%d" % level
        inner = (
            b"From: a@b.c\nSubject: level %d\nContent-Type: multipart/mixed; boundary=%s\n\n" % (level, boundary)
            + b"--%s\n\ntext %d\n--%s\nContent-Type: message/rfc822\n\n" % (boundary, level, boundary)
            + b"%s\n--%s--\n" % (inner, boundary)
        )
    return inner


@pytest.mark.parametrize(("levels", "notes"), [(3, 0), (20, 1), (1000, 2)])
def test_mails_in_mails_give_the_outer_ones_and_a_note(parse: Parse, levels: int, notes: int) -> None:
    parsed = parse(forwarded(levels), "a.eml")
    texts = [document.text for document in parsed.documents]
    assert f"text {levels - 1}" in texts[0] and f"text {levels - 2}" in texts[1]
    assert len(parsed.notes) == notes and all("nested too deeply" in note for note in parsed.notes)


def test_parts_beyond_the_limit_are_told(parse: Parse) -> None:
    parts = b"--b\nContent-Type: text/plain\n\npart\n" * 300
    head = b"From: a@b.c\nTo: d@e.f\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
    assert parse(head + parts + b"--b--\n", "a.eml").notes == ("more than 200 parts: the rest was left out",)
