"""What people type finds what documents say, through the real FTS5."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsearch.store import schema
from localsearch.store.sqlite import sqlite3
from localsearch.store.words import index_text, phrase, pieces

FOUND = [
    ("请查看信息检索系统的说明", "检索系统"),
    ("2024年3月的报告", "2024年"),
    ("コンピュータの設定", "ｺﾝﾋﾟｭｰﾀ"),
    ("คู่มือพนักงานบริษัท", "พนักงาน"),
    ("ການປະຊຸມປະຈຳປີ", "ປະຊຸມ"),
    ("ឯកសារកិច្ចសន្យា", "កិច្ចសន្យា"),
    ("연차휴가를 신청", "연차휴가"),
    ("हिन्दी में रिपोर्ट", "रिपोर्ट"),
    ("مُحَمَّد", "محمد"),
    ("a total of 1,234.56 EUR", "1234.56"),
    ("insgesamt 1.234,56 €", "1,234.56"),
    ("1\u202f234\u202f567 francs", "1'234'567"),
    ("约1,234元", "1234"),
    ("part A-1234-X in stock", "a-1234-x"),
    ("the of\ufb01cial \ufb01gures", "official figures"),
    ("ＦＵＬＬ width", "full"),
    ("co\u00adop\u00ader\u00adation", "cooperation"),
    ("naïve façade", "naive facade"),
    ("running the meetings", "meeting"),
]
NOT_FOUND = [
    ("信息检索", "息索"),
    ("หนังสือ", "สือหนัง"),
    ("कीमत", "कुमत"),
    ("1,2345", "12345"),
    ("version 1.234", "1234"),
    ("12,345", "12"),
]


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    for statement in schema.TABLES.split(";\n"):
        connection.execute(statement)
    yield connection
    connection.close()


def matches(connection: sqlite3.Connection, document: str, query: str) -> bool:
    connection.execute("INSERT INTO words (text) VALUES (?)", (index_text(document),))
    (count,) = connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (phrase(query),)).fetchone()
    return bool(count)


@pytest.mark.parametrize(("document", "query"), FOUND)
def test_finds(connection: sqlite3.Connection, document: str, query: str) -> None:
    assert matches(connection, document, query)


@pytest.mark.parametrize(("document", "query"), NOT_FOUND)
def test_does_not_find(connection: sqlite3.Connection, document: str, query: str) -> None:
    assert not matches(connection, document, query)


def test_plain_text_is_left_alone() -> None:
    text = "Part A-1234-X, v1.2.3, 192.168.100.1, 0.125 m² and naïve œuvre: 12,5 %"
    assert index_text(text) == text


def test_a_word_between_characters_stands_alone() -> None:
    assert index_text("用Python编程").split() == ["用", "Python", "编程", "程"]


AWKWARD = [
    '"',
    'a" OR "b',
    '" OR "',
    "NEAR(a b)",
    "a* ^b",
    "text: x",
    "\0",
    "a\0b",
    "-",
    "()",
    "'",
    "\ud800",
    '水"',
    "\u0e31",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_no_text_breaks_out_of_its_phrase(connection: sqlite3.Connection, text: str) -> None:
    expression = phrase(text).encode("utf-8", "replace").decode()
    connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (expression,)).fetchone()


def test_quotes_do_not_end_the_phrase(connection: sqlite3.Connection) -> None:
    assert not matches(connection, "b", 'a" OR "b')


@given(st.text(st.sampled_from("信息ｶﾞำกน้1234,.' \u00ad\u202fa'ﬁＡ한ख़ि"), max_size=40))
def test_pieces_cover_the_text_in_order(text: str) -> None:
    cut = list(pieces(text))
    assert "".join(piece.text for piece in cut) == index_text(text)
    covered = set().union(*(range(piece.start, piece.end) for piece in cut))
    assert covered == set(range(len(text)))
    assert [piece.start for piece in cut] == sorted(piece.start for piece in cut)
