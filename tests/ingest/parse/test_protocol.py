"""The answer of a worker: everything an honest one writes comes back, everything else is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localsearch.ingest.parse.protocol import Nonsense, decode, encode
from localsearch.records import Block, BlockKind, Document, Parsed

PARSED = Parsed(
    documents=(
        Document(
            blocks=(
                Block(BlockKind.HEADING, "Müller & 価格", ("Müller & 価格",), 1),
                Block(BlockKind.TABLE, "a | b\n1 | 2", ("Müller & 価格",), 2, "a | b"),
                Block(BlockKind.CODE, '"quotes"\n\tand tabs'),
            ),
            title="Prices",
            author="Ada",
            date=1_700_000_000,
            member="may/prices.docx",
        ),
        Document((Block(BlockKind.PARAGRAPH, "👍"),), date=-1),
    ),
    type="zip",
    notes=("plan.dwg: format not supported",),
)


LATER = Parsed(reason="cannot be read now", transient=True)


@pytest.mark.parametrize("parsed", [PARSED, Parsed(reason="empty file"), Parsed(reason="encrypted", type="pdf"), LATER])
def test_round_trip(parsed: Parsed) -> None:
    assert decode(encode(parsed)) == parsed


def _document(**changes: Any) -> dict[str, Any]:
    answer = json.loads(encode(PARSED))
    answer["documents"][0].update(changes)
    return dict(answer)


def _block(place: int, value: object) -> dict[str, Any]:
    answer = json.loads(encode(PARSED))
    answer["documents"][0]["blocks"][1][place] = value
    return dict(answer)


LIES: dict[str, Callable[[], object]] = {
    "another shape": lambda: [],
    "a field too many": lambda: {**json.loads(encode(PARSED)), "path": "/etc/passwd"},
    "a field too few": lambda: {"documents": []},
    "neither text nor reason": lambda: {"documents": [], "reason": "", "type": "", "notes": [], "transient": False},
    "text to be read again": lambda: {**json.loads(encode(PARSED)), "transient": True},
    "a truth that is a number": lambda: {**json.loads(encode(LATER)), "transient": 1},
    "text and a reason": lambda: {**json.loads(encode(PARSED)), "reason": "and yet"},
    "a reason of two lines": lambda: {"documents": [], "reason": "a\nb", "type": "", "notes": [], "transient": False},
    "a reason without end": lambda: {
        "documents": [],
        "reason": "a" * 2000,
        "type": "",
        "notes": [],
        "transient": False,
    },
    "too many notes": lambda: {**json.loads(encode(PARSED)), "notes": ["x"] * 20_000},
    "a title that is a number": lambda: _document(title=7),
    "a title with a lone surrogate": lambda: _document(title="\ud800"),
    "a title with a NUL": lambda: _document(title="a\0b"),
    "a date that is a truth": lambda: _document(date=True),
    "a date that is a fraction": lambda: _document(date=1.5),
    "a date beyond all calendars": lambda: _document(date=2**60),
    "an unknown kind": lambda: _block(0, "script"),
    "a kind that is a list": lambda: _block(0, []),
    "a text that is none": lambda: _block(1, None),
    "a text with a lone surrogate": lambda: _block(1, "\udfff"),
    "a heading that does not exist": lambda: _block(2, 99),
    "a heading from the end": lambda: _block(2, -1),
    "page 0": lambda: _block(3, 0),
    "a page that is text": lambda: _block(3, "1"),
    "a header longer than its line": lambda: _block(4, 7),
    "a header of negative length": lambda: _block(4, -3),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies_are_refused(lie: str) -> None:
    with pytest.raises(Nonsense):
        decode(json.dumps(LIES[lie]()).encode())


@pytest.mark.parametrize("answer", [b"", b"{", b"NaN", b'{"documents": NaN}', b"\xff", b"[" * 200_000, b"1" * 10_000])
def test_what_is_no_json_is_refused(answer: bytes) -> None:
    with pytest.raises(Nonsense):
        decode(answer)
