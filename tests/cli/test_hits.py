"""How hits are shown, and the bytes that `query --json` promises."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from localsearch.cli import output
from localsearch.cli.hits import as_json, describe
from localsearch.cli.layout import BEST, BEST_END, END, MARK, columns
from localsearch.records import Hit, Why

LONG = (
    "The parties met in Hamburg. " * 12
    + "The tenant must tell the landlord three months before the end. "
    + "Costs are shared. " * 12
)


def hit(text: str, *words: str, title: str = "", heading: str = "", path: str = "/docs/lease.pdf") -> Hit:
    spans = sorted(found.span() for word in words for found in re.finditer(re.escape(word), text))
    return Hit(1, Path(path), "", title, 3, heading, 0.8765432, text, tuple(spans), Why(1, 0.75, None, None, words))


def test_a_snippet_shows_the_part_with_the_words() -> None:
    lines = list(describe(hit(LONG, "tenant", "landlord"), width=80, full=False))
    assert lines[0] == "1. /docs/lease.pdf, p. 3"
    body = " ".join(line.strip() for line in lines[1:])
    assert f"{MARK}tenant{END}" in body and f"{MARK}landlord{END}" in body
    assert body.startswith("… ") and body.endswith(" …")
    assert len(lines) <= 4 and all(columns(line) <= 80 for line in lines)


def test_full_shows_every_line_of_the_passage() -> None:
    lines = list(describe(hit(f"a | b\n1 | 2\n{LONG}", "tenant"), width=80, full=True))
    assert lines[1:3] == ["   a | b", "   1 | 2"]
    assert "".join(lines[3:]).replace(" ", "") == LONG.replace(" ", "").replace("tenant", f"{MARK}tenant{END}")


def test_a_snippet_shows_the_best_sentence_and_marks_it() -> None:
    sentence = "The tenant must tell the landlord three months before the end."
    found = replace(hit(f"tenant landlord. {LONG}", "tenant", "landlord"), best=None)
    start = found.text.index(sentence)
    found = replace(found, best=(start, start + len(sentence)))
    body = " ".join(line.strip() for line in list(describe(found, width=80, full=False))[1:])
    assert body.replace(f"{BEST_END} {BEST}", " ").count(BEST) == 1
    best = body.replace(f"{BEST_END} {BEST}", " ").partition(BEST)[2].partition(BEST_END)[0]
    assert best.replace(MARK, "").replace(END, "") == sentence
    assert f"{MARK}tenant{END}" in best


def test_the_whole_passage_marks_the_best_sentence_over_its_line_ends() -> None:
    found = replace(hit("A heading\n\nOne two\nthree. Four.", "three"), best=(11, 25))
    assert list(describe(found, width=80, full=True))[1:] == [
        "   A heading",
        f"   {BEST}One two{BEST_END}",
        f"   {BEST}{MARK}three{END}.{BEST_END} Four.",
    ]


def test_the_title_is_not_said_twice() -> None:
    def subject(**known: str) -> str:
        return list(describe(hit("text", **known), width=80, full=False))[1].strip()

    assert subject(title="Lease", heading="Lease > Term") == "Lease > Term"
    assert subject(title="Lease", heading="Term") == "Lease > Term"
    assert subject(title="Lease") == "Lease"
    assert subject() == "text"


def test_nothing_from_a_document_reaches_the_terminal_raw() -> None:
    evil = "\x1b]0;owned\x07 \u202etxet \x9b31m word \udcff"
    for full in (False, True):
        for line in describe(hit(evil, "word", title=evil, heading=evil), width=60, full=full):
            assert line.replace(MARK, "").replace(END, "").isprintable()


SNAPSHOT = (
    "[\n"
    '{"rank": 1, "path": "/docs/odd\\udcff \\u00fc.pdf", "member": "", "title": "\\u001b[1mT", "page": 3,'
    ' "heading": "A > B", "score": 0.876543, "text": "The rent\\u007f is due.", "spans": [[4, 8]],'
    ' "why": {"dense_rank": 1, "cosine": 0.75, "keyword_rank": null, "bm25": null, "words": ["rent"], "name": null},'
    ' "others": 0, "duplicates": 0}\n'
    "]\n"
)


def test_json_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    path = os.fsdecode("/docs/odd\udcff ü.pdf".encode("utf-8", "surrogateescape"))
    output.write_array([as_json(hit("The rent\x7f is due.", "rent", title="\x1b[1mT", heading="A > B", path=path))])
    printed = capsys.readouterr().out
    assert printed == SNAPSHOT
    assert os.fsencode(json.loads(printed)[0]["path"]) == b"/docs/odd\xff \xc3\xbc.pdf"


def test_json_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_array([])
    assert capsys.readouterr().out == "[]\n"
