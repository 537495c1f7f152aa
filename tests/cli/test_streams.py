"""stdout and stderr: what happens when a pipe closes, a disk is full, or a failure has odd text."""

from __future__ import annotations

import subprocess
import sys
from typing import IO

import pytest
import typer

from localsearch import errors
from localsearch.cli import diagnostics, output
from localsearch.errors import LocalSearchError


def run(code: str, stdout: int | IO[bytes] | None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", code], stdout=stdout, stderr=subprocess.PIPE, check=False)


WRITE_MUCH = """
from localsearch.cli import output
for _ in range(100_000): output.write("x" * 100)
output.finish()
"""


def test_a_reader_that_goes_away_is_no_failure() -> None:
    with subprocess.Popen(["head", "-1"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as head:
        done = run(WRITE_MUCH, stdout=head.stdin)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_disk_is_one_line() -> None:
    code = "import sys\nfrom localsearch.cli import output, diagnostics\ntry:\n    output.write('x'); output.finish()\n"
    code += "except Exception as error:\n    sys.exit(diagnostics.report(error))"
    with open("/dev/full", "wb") as full:
        done = run(code, stdout=full)
    assert done.returncode == 4
    assert done.stderr.decode().count("\n") == 1 and "No space left" in done.stderr.decode()


def test_an_output_of_another_alphabet_gets_escapes() -> None:
    code = "import sys; sys.stdout.reconfigure(encoding='latin-1')\nfrom localsearch.cli import output\n"
    done = run(f"{code}output.write('Gebühr 信息')\noutput.finish()", stdout=subprocess.PIPE)
    assert done.stdout == "Gebühr \\u4fe1\\u606f\n".encode("latin-1")


def test_tables_line_up_by_columns(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_table([("", "a"), ("信息", "10"), ("x", "9")])
    assert capsys.readouterr().out == "       a\n信息  10\nx      9\n"


CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LocalSearchError)]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_failure_is_one_line_with_its_code(
    kind: type[LocalSearchError], capsys: pytest.CaptureFixture[str]
) -> None:
    code = diagnostics.report(kind("No\nluck \x1b[31mhere.", hint="Try\rthat."))
    printed = capsys.readouterr()
    assert code == kind.exit_code
    assert printed.out == ""
    assert printed.err == "localsearch: No<U+000A>luck <U+001B>[31mhere. Try<U+000D>that.\n"


def test_unforeseen_failures_say_how_to_find_out_more(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert diagnostics.report(KeyError("x\x1b")) == 1
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and "LOCALSEARCH_DEBUG=1" in line and "\x1b" not in line
    monkeypatch.setenv("LOCALSEARCH_DEBUG", "1")
    try:
        raise KeyError("x\x1b")
    except KeyError as error:
        diagnostics.report(error)
    shown = capsys.readouterr().err
    assert "Traceback" in shown and "test_streams.py" in shown and "\x1b" not in shown


def test_out_of_memory_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnostics.report(MemoryError()) == 1
    assert capsys.readouterr().err.startswith("localsearch: out of memory.")


def test_wrong_usage_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnostics.report(typer.BadParameter("must be a number")) == 1
    assert capsys.readouterr().err == ("localsearch: Invalid value: must be a number. See `localsearch --help`.\n")
