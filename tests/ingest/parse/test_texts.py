"""Text formats: what becomes a heading, a paragraph, a table, code."""

from __future__ import annotations

import json

import pytest

from localsearch.ingest.parse.formats import delimited
from localsearch.ingest.parse.limits import Limits
from localsearch.ingest.parse.source import Budget, Source
from tests.ingest.parse.conftest import Parse, Read, block_with, lines


def test_plain_text_is_parted_at_empty_lines(read: Read) -> None:
    document = read(b"First paragraph\nsecond line.\n\n\n  Another   one.\n", "a.txt")
    assert lines(document) == [("paragraph", "First paragraph\nsecond line."), ("paragraph", "Another one.")]


def test_code_keeps_its_lines_and_indents(read: Read) -> None:
    document = read(b"import os\n\n\ndef f():\n    return 1\n", "a.py")
    assert lines(document) == [("code", "import os"), ("code", "def f():\n    return 1")]


def test_markdown(read: Read) -> None:
    text = """---
title: "Travel policy"
author: Ada Writer
date: 2024-03-05
---
# Flights {#flights}

A **bold** [link](http://x/a_b) to snake_case; 3 \\* 4.

1. First
   - nested
2. Second

| Item | Cost |
|------|-----:|
| Hotel \\| B&B | 100 |

```python
a = b_c
```

<div>HTML <b>block</b></div>

## Rail
![image](x.png)
"""
    document = read(text.encode(), "a.md")
    assert (document.title, document.author, document.date) == ("Travel policy", "Ada Writer", 1709596800)
    assert lines(document) == [
        ("heading", "Flights"),
        ("paragraph", "A bold link to snake_case; 3 * 4."),
        ("paragraph", "- First\n- nested\n- Second"),
        ("table", "Item | Cost\nHotel | B&B | 100"),
        ("code", "a = b_c"),
        ("paragraph", "HTML block"),
        ("heading", "Rail"),
    ]
    assert document.blocks[-1].headings == ("Flights", "Rail")
    assert document.blocks[3].header == "Item | Cost"


def test_html_leaves_out_what_nobody_reads(read: Read) -> None:
    text = """<html><head><title>Price list</title><meta name=author content="Ada">
        <meta property="article:published_time" content="2024-02-29T12:00:00Z"><style>p{}</style></head>
        <body><nav><a href=/>Home</a></nav><script>var x</script lang=js><h1>Prices</h1>
        <p>Per<b>fect</b>&nbsp;and&#8212;cheap<br>always<p hidden>secret<p style="display: none">secret</p>
        <ul><li>One<li>Two</ul>
        <table><caption>May</caption><tr><th>A<th>B<tr><td>1<td></tr></table>
        <table><tr><td>layout<table><tr><td>x</td><td>y</td></tr></table></td></tr></table>
        <pre>a  b\n c</pre></body></html>"""
    document = read(text.encode(), "a.html")
    assert (document.title, document.author, document.date) == ("Price list", "Ada", 1709208000)
    assert lines(document) == [
        ("heading", "Prices"),
        ("paragraph", "Perfect and—cheap\nalways"),
        ("paragraph", "- One\n- Two"),
        ("paragraph", "May"),
        ("table", "A | B\n1"),
        ("paragraph", "layout"),
        ("table", "x | y"),
        ("code", "a  b\n c"),
    ]


def test_html_that_is_all_navigation_is_read_anyway(read: Read) -> None:
    assert read(b"<html><nav>Only <a>this</a></nav>", "a.html").text == "Only this"


@pytest.mark.parametrize("encoding", ["gbk", "shift_jis", "cp1251"])
def test_html_names_its_encoding(read: Read, encoding: str) -> None:
    text = {"gbk": "合同编号", "shift_jis": "契約書", "cp1251": "договор"}[encoding]
    page = f'<html><head><meta charset="{encoding}"></head><body>{text}</body></html>'
    assert read(page.encode(encoding), "a.html").text == text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimited_values(read: Read, delimiter: str) -> None:
    rows = [["Name", "Price, net"], ["Bolt; M8", "1.25"], ["", "2"]]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    block = read(text.encode(), "a.csv").blocks[0]
    assert block.header == "Name | Price, net"
    assert block.text == "Name | Price, net\nBolt; M8 | 1.25\n | 2"


def test_delimited_values_without_a_header(read: Read) -> None:
    block = read(b"1,2\n3,4\n", "a.csv").blocks[0]
    assert (block.header, block.text) == ("", "1 | 2\n3 | 4")


def test_excel_hint_and_cells_of_any_size(read: Read) -> None:
    assert read(b"sep=;\r\nA;B\r\n1;2\r\n", "a.csv").blocks[0].text == "A | B\n1 | 2"
    big = "x" * 300_000
    assert big in read(f'A,B\n1,"{big}"\n'.encode(), "a.csv").text


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16"])
@pytest.mark.parametrize(("cells", "size"), [(9, 2**20), (2**20, 50)])
def test_the_beginning_of_a_very_long_table(monkeypatch: pytest.MonkeyPatch, codec: str, cells: int, size: int) -> None:
    """What is more than memory holds is left out, with a note: not the whole table."""
    monkeypatch.setattr(delimited, "_MOST_CELLS", cells)
    monkeypatch.setattr(delimited, "_MOST_BYTES", size)
    rows = ["key,name,sum", *(f"{number},Müller {number},{number}0" for number in range(1, 40))]
    limits = Limits()
    data = "\n".join(rows).encode(codec)
    reading = delimited.read(Source(data, "a.csv", limits, Budget.of(limits)))
    lines = reading.documents[0].text.split("\n")
    assert lines == [row.replace(",", " | ") for row in rows[: len(lines)]]
    assert 1 <= len(lines) <= 4
    assert reading.notes == (f"only the first {len(lines)} rows were read",)


def test_json_records_are_a_table_and_trees_are_paths(read: Read) -> None:
    records = read(json.dumps([{"name": "Ada", "age": 36}, {"name": "Bob"}]).encode(), "a.json")
    assert records.blocks[0].text == "name | age\nAda | 36\nBob"
    tree = read(json.dumps({"title": "Setup", "server": {"ports": [80, 443], "name": "müller"}}).encode(), "a.json")
    assert tree.title == "Setup"
    assert block_with(tree, "server").text == "server.ports: 80\nserver.ports: 443\nserver.name: müller"
    assert read(b'{"a": 1}\n{"a": 2}\n', "a.jsonl").text == "a\n1\n2"
    assert read(b"{broken: json}", "a.json").text == "{broken: json}"


def test_notebook(read: Read) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Report\n", "Intro"]},
        {"cell_type": "code", "source": "x = 1", "outputs": [{"text": ["done\n"]}, {"data": {"text/plain": "42"}}]},
    ]
    document = read(json.dumps({"cells": cells, "nbformat": 4}).encode(), "a.ipynb")
    assert document.title == "Report"
    assert [text for _, text in lines(document)] == ["Report", "Intro", "x = 1", "done", "42"]


def test_xml_data_and_prose(read: Read) -> None:
    data = read(b"<?xml version='1.0'?><f><c><name>Italy</name><e x='1'/></c><c><name>Peru</name></c></f>", "a.xml")
    assert [text for _, text in lines(data)] == ["name: Italy\ne: x 1", "name: Peru"]
    prose = read(b"<?xml version='1.0'?><book><title>T</title><para>One <b>word</b>.</para></book>", "a.xml")
    assert lines(prose) == [("heading", "T"), ("paragraph", "One word.")]
    assert read(b"<?xml version='1.0'?><a><b>text &copy; here</b>", "a.xml").text == "text © here"


def test_calendar(read: Read) -> None:
    text = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Board\\, May\r\nDTSTART;TZID=Europe/Berlin:20240507T093000\r\n"
        'ATTENDEE;CN="Ada Writer":mailto:ada@x.y\r\nDESCRIPTION:First line\\nsecond\r\n  half\r\nEND:VEVENT\r\n'
        "END:VCALENDAR\r\n"
    )
    assert [text for _, text in lines(read(text.encode(), "a.ics"))] == [
        "Board, May",
        "Start: 2024-05-07 09:30\nAttendee: Ada Writer",
        "First line\nsecond half",
    ]


def test_subtitles(read: Read) -> None:
    text = "WEBVTT\n\n1\n00:01.000 --> 00:02.000\n<v Ada>Hello <i>all</i>\n\n00:02.000 --> 00:03.000\nGood morning\n"
    assert read(text.encode(), "a.vtt").text == "Ada: Hello all\nGood morning"


@pytest.mark.parametrize(
    ("data", "name", "reason", "kind"),
    [
        (b"", "a.txt", "empty file", ""),
        (b" \n\n ", "a.txt", "no text", "txt"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a.png", "image, not text", "image"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "scan.pdf", "image, not text", "image"),
        (b"\x7fELF" + bytes(50), "a.docx", "program, not text", "program"),
        (b"AC1032" + bytes(500), "a.dwg", "format not supported (.dwg)", ""),
        (bytes(range(1, 32)) * 20, "noextension", "format not supported", ""),
    ],
)
def test_reasons(parse: Parse, data: bytes, name: str, reason: str, kind: str) -> None:
    parsed = parse(data, name)
    assert (parsed.reason, parsed.type) == (reason, kind)
