"""Text in the encodings that offices use, long and short, declared and not."""

from __future__ import annotations

import codecs

import pytest

from localsearch.ingest.parse import clean
from localsearch.ingest.parse.encoding import decode
from localsearch.ingest.parse.textkind import detect

GERMAN = "Die Kündigungsfrist beträgt drei Monate zum Quartalsende, schriftlich gegenüber der Geschäftsführung. " * 3
FRENCH = "Le délai de préavis est fixé à trois mois ; la résiliation doit être notifiée par écrit à l'employeur. " * 3
POLISH = "Umowa zostaje zawarta na czas określony, a okres wypowiedzenia wynosi trzy miesiące od końca kwartału. " * 3
CZECH = "Smlouva se uzavírá na dobu určitou, výpovědní lhůta činí tři měsíce od konce čtvrtletí příslušného roku. " * 3
RUSSIAN = "Настоящий договор заключён сроком на один год и может быть расторгнут с уведомлением за три месяца. " * 3
GREEK = "Η παρούσα σύμβαση συνάπτεται για ορισμένο χρόνο και μπορεί να καταγγελθεί με προειδοποίηση τριών μηνών. " * 3
TURKISH = "Bu sözleşme bir yıl süreyle geçerlidir ve üç ay önceden yazılı bildirimde bulunularak feshedilebilir. " * 3
CHINESE = "本合同自双方签字盖章之日起生效，有效期为一年。任何一方可提前三个月书面通知对方终止合同。" * 3
TAIWAN = "本契約自雙方簽署之日起生效，有效期限為一年。任何一方得於三個月前以書面通知他方終止契約。" * 3
JAPANESE = "本契約の有効期間は一年間とし、期間満了の三か月前までに書面による通知がない限り、自動的に更新される。" * 3
KOREAN = "이 계약은 체결일로부터 일 년간 유효하며, 만료 삼 개월 전까지 서면 통지가 없으면 자동으로 갱신된다. " * 3
ENGLISH = "The notice period is three months to the end of a quarter.\n" * 3


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *[
            (GERMAN, name)
            for name in ("utf-8", "cp1252", "latin-1", "utf-16-le", "utf-16-be", "utf-32-le", "mac_roman")
        ],
        *[(FRENCH, name) for name in ("cp1252", "mac_roman")],
        *[(POLISH, "cp1250"), (CZECH, "cp1250"), (GREEK, "cp1253"), (TURKISH, "cp1254")],
        *[(RUSSIAN, name) for name in ("cp1251", "koi8_r", "cp866", "utf-16-le")],
        *[(CHINESE + "\n", name) for name in ("gbk", "gb18030", "utf-16-le", "utf-16-be")],
        *[(TAIWAN, "big5"), (KOREAN, "euc_kr"), (KOREAN, "cp949")],
        *[(JAPANESE, name) for name in ("shift_jis", "euc_jp", "iso2022_jp")],
        *[(ENGLISH, name) for name in ("ascii", "utf-16-le", "utf-16-be", "utf-32-be")],
    ],
)
def test_undeclared(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_marks(mark: bytes, encoding: str) -> None:
    assert decode(mark + CHINESE.encode(encoding)) == CHINESE


@pytest.mark.parametrize(
    "text",
    [
        "Müller",
        "Größe;Preis €",
        "Café à midi",
        "El niño comió mañana",
        "Räksmörgås på fjället",
        "5 °C",
        "© 2024",
        "Ærø",
    ],
)
def test_short_western_texts_stay_western(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


def test_a_declared_encoding_is_believed_when_it_fits() -> None:
    assert decode("договор".encode("koi8_r"), "koi8-r") == "договор"
    assert decode("Straße".encode(), "gbk") == "Straße"
    assert decode(b"plain", "no-such-encoding") == "plain"


def test_damage_costs_only_the_damaged_places() -> None:
    assert decode(CHINESE.encode()[:-1]).startswith(CHINESE[:-1])
    mixed = "\n".join([*[f"Zeile {number}: Größe" for number in range(20)]])
    lines = [line.encode("cp1252" if number % 2 else "utf-8") for number, line in enumerate(mixed.split("\n"))]
    assert decode(b"\n".join(lines)) == mixed


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("e\u0301", "é"),
        ("in\u00advisi\u200bble\u202e", "invisible"),
        ("a\0b\ud800c", "abc"),
        ("\ud83d\udc4d", "👍"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07bell\x07", "red bell"),
        ("\uf0b7 item\ue123", "• item"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
    ],
)
def test_characters_that_nobody_sees_are_removed(text: str, cleaned: str) -> None:
    assert clean.lines(text) == cleaned


def test_combining_marks_without_end_are_cut() -> None:
    assert len(clean.lines("Z" + "\u0301" * 100_000)) < 10


@pytest.mark.parametrize(
    ("data", "extension", "kind"),
    [
        (b"plain text", "txt", "txt"),
        (b"plain text", "", "txt"),
        (b"plain text", "docx", "txt"),
        (b"\x00\x01\x02\x03" * 100, "", ""),
        (bytes(range(256)) * 8, "bin", ""),
        (bytes(1000), "txt", ""),
        (b"first\0line\n" + bytes(300) + b"tail\n", "txt", "txt"),
        (b"<!DOCTYPE html><p>x", "docx", "html"),
        (b"<?xml version='1.0'?><factbook/>", "xml", "xml"),
        (b"<?xml version='1.0'?><html xmlns='x'/>", "xml", "html"),
        (b"<?xml version='1.0'?><book><body><p>x</p></body></book>", "fb2", "xml"),
        (b"<svg xmlns='x'/>", "", "txt"),
        (b"Subject: x\nFrom: a@b.c\n\ntext", "", "eml"),
        (b"Note: this\nis no mail", "", "txt"),
        (b"From a@b.c Mon\nSubject: x\nFrom: y\n\nz", "", "mbox"),
        (b"From a@b.c Mon\nSubject: x\nFrom: y\n\nz", "eml", "eml"),
        (b"From here on it is text", "txt", "txt"),
        (b"# Subject: x\n# From: y\nimport os", "py", "code"),
        (b"Subject: x\nFrom: y\n", "md", "md"),
        (b"BEGIN:VCALENDAR\n", "", "ics"),
    ],
)
def test_kinds_of_text(data: bytes, extension: str, kind: str) -> None:
    assert detect(data, extension) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"minutes of the meeting \0 after \0\0 end of it all\n" * 3,
        b"harbour office\0lease\0",
        b"\0harbour office lease\0\0\0 and more",
        b"one\0two\0three\0four\0five\0six\0",
    ],
)
def test_zeros_among_ascii_do_not_make_it_chinese(data: bytes) -> None:
    assert decode(data) == data.decode("ascii")
