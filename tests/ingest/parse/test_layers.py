"""Each layer of the seal by itself, and a worker that lacks one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localsearch.errors import LocalSearchError
from localsearch.ingest.parse.pool import ParserPool
from localsearch.privacy import WorkerSeal
from localsearch.privacy.attempts import ATTEMPTS
from tests.conftest import ROOT
from tests.ingest.parse import samples
from tests.ingest.parse.conftest import parse_bytes

SECRET = "the number is 4711"
WAYS = {"python", "library", "library, many"}


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text(SECRET)
    return path


def reach(module: str, secret: Path) -> tuple[dict[str, str], WorkerSeal | None]:
    """What came of each way to read a file outside, and what the worker had found of its seal."""
    with ParserPool(1, module=f"tests.ingest.parse.{module}", unsealed=True) as pool:
        parsed = parse_bytes(pool, str(secret).encode(), "a.txt")
        return json.loads(parsed.documents[0].text), pool.seal


@pytest.mark.parametrize("module", ["reaching", "without_seccomp", "without_landlock"])
def test_one_layer_keeps_every_thread_from_files(module: str, secret: Path) -> None:
    outcomes, _ = reach(module, secret)
    assert outcomes.keys() == WAYS
    assert not [outcome for outcome in outcomes.values() if SECRET in outcome]


def test_without_a_seal_every_way_leads_to_the_file(secret: Path) -> None:
    """The control: nothing but the seal stands in the way."""
    outcomes, seal = reach("without_both", secret)
    assert {outcome.strip() for outcome in outcomes.values()} == {SECRET}
    assert seal is not None and seal.let_through


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("reaching", (True, True)),
        ("without_landlock", (True, False)),
        ("without_seccomp", (False, True)),
        ("hollow_seccomp", (False, True)),
        ("without_both", (False, False)),
    ],
)
def test_a_worker_says_what_held_when_it_tried(module: str, expected: tuple[bool, bool], secret: Path) -> None:
    _, seal = reach(module, secret)
    assert seal is not None
    assert (seal.system_calls, seal.files) == expected
    assert seal.limits
    by_landlock = {"open a file", "write a file"} if expected[1] else set()
    assert set(seal.let_through) <= (set() if expected[0] else set(ATTEMPTS) - by_landlock)
    assert bool(seal.let_through) is not expected[0]


@pytest.mark.parametrize("module", ["without_seccomp", "hollow_seccomp"])
def test_a_worker_without_system_call_filter_reads_nothing(module: str, secret: Path) -> None:
    with (
        ParserPool(1, module=f"tests.ingest.parse.{module}") as pool,
        pytest.raises(LocalSearchError, match="seccomp") as caught,
    ):
        parse_bytes(pool, str(secret).encode(), "a.txt")
    assert "--unsealed" in caught.value.hint


def test_a_worker_without_landlock_reads_all_the_same(secret: Path) -> None:
    with ParserPool(1, module="tests.ingest.parse.without_landlock") as pool:
        assert parse_bytes(pool, str(secret).encode(), "a.txt").documents


def test_nothing_is_imported_after_the_seal() -> None:
    """A sealed worker opens no file; so all that any format needs is there before."""
    documents = [path for path in sorted((ROOT / "sample_docs").rglob("*")) if path.is_file()]
    with ParserPool(1, module="tests.ingest.parse.importing") as pool:
        for path in documents:
            with path.open("rb") as file:
                assert pool.parse(file.fileno(), path.name).documents[0].text == "none", path
        for name, data in ODD.items():
            assert parse_bytes(pool, data, name).documents[0].text == "none", name


ODD = {
    "shift-jis.txt": "請求書の支払期限は三十日です。".encode("shift_jis") * 20,
    "cyrillic.txt": "Срок оплаты счёта составляет тридцать дней.".encode("cp1251") * 20,
    "odd.eml": b"From: a@b.c\nSubject: =?x-unknown?q?caf=E9?=\nContent-Type: text/plain; charset=iso-2022-kr\n\nx",
    "idna.html": b"<meta charset=mac-latin2><p>x <a href='http://xn--a.example'>y</a>",
    "dates.eml": b"From: a@b.c\nDate: Thu, 29 Feb 2024 12:00:00 +0100\nSubject: x\n\nx",
    "lines.md": b"# a\n\n- b\n\n|c|d|\n|-|-|\n|1|2|\n\n<b>e</b> &amp; https://example.com",
    "deep.json": b"[" * 100_000,
    "table.xlsx": samples.xlsx({"a": [["x", "1"]]}),
}
