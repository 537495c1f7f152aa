"""Machines whose kernel lacks a layer of the seal, and folders that lie in wait for a program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

from tests.functional.conftest import Localsearch

LACKING = """
import errno, os, sys
from localsearch.privacy import seccomp
call, program = sys.argv[1], sys.argv[2:]
seccomp.install(seccomp.refusing([seccomp.Refuse(call, error=errno.ENOSYS)]))
os.execv(program[0], program)
"""
"""Runs a program on a kernel that does not know one system call."""


def without(program: Localsearch, call: str) -> Localsearch:
    return replace(program, prefix=(sys.executable, "-c", LACKING, call))


def test_without_seccomp_documents_are_not_read(program: Localsearch) -> None:
    bare = without(program, "seccomp")
    done = bare.run("index", "documents")
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("localsearch:")]
    assert "no seccomp" in line and "--unsealed" in line
    assert json.loads(bare.run("status", "--json").stdout)["files"] == 0


def test_unsealed_is_said_in_every_summary(program: Localsearch) -> None:
    bare = without(program, "seccomp")
    done = bare.run("index", "--unsealed", "documents")
    assert done.returncode == 0, done.stderr
    assert "4 files" in done.stderr
    assert "the kernel did not seal" in done.stderr
    by_setting = {"LOCALSEARCH_UNSEALED": "true"}
    (program.documents / "more.txt").write_text("one more")
    done = bare.run("index", environment=by_setting)
    assert done.returncode == 0, done.stderr
    assert "the kernel did not seal" in done.stderr
    told = json.loads(bare.run("status", "--json").stdout)["parsers_sealed"]
    assert told["system_calls"] is False
    assert {"make a socket", "run a program", "start a process"} <= set(told["let_through"])
    text = bare.run("status").stdout
    assert "NOT refused when it was tried" in text and "make a socket" in text


def test_without_landlock_a_run_goes_on_and_says_so(program: Localsearch) -> None:
    bare = without(program, "landlock_create_ruleset")
    for _ in range(2):
        done = bare.run("index", "documents")
        assert done.returncode == 0, done.stderr
        assert "no Landlock" in done.stderr
        (program.documents / "more.txt").write_text("one more")
    assert "NOT on this system: no files, a second time (Landlock)" in bare.run("status").stdout


def test_a_sealed_run_has_nothing_to_say(indexed: Localsearch) -> None:
    assert "seal" not in indexed.run("index").stderr


def test_no_module_of_the_current_folder_is_imported(program: Localsearch) -> None:
    """`python -m` looks for modules among the documents first: for the standard library's and all others'.

    Those that the interpreter needs for `-m` it imports itself, before a line of ours.
    """
    code = "import sys, runpy; print(*sys.modules)"
    interpreters = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    names = {*sys.stdlib_module_names, "typer", "click", "numpy", "faiss", "platformdirs", "pysqlite3", "sqlite_utils"}
    for name in names.difference(interpreters):
        (program.folder / f"{name}.py").write_text("import sys; sys.stderr.write('from the current folder'); 1 / 0")
    done = program.run("index", "documents")
    assert done.returncode == 0, done.stderr
    assert "current folder" not in done.stderr


def test_a_pipe_for_settings_hangs_no_command(indexed: Localsearch) -> None:
    elsewhere = indexed.folder / "elsewhere"
    elsewhere.mkdir()
    os.mkfifo(elsewhere / "localsearch.toml")
    assert replace(indexed, folder=elsewhere).run("status").returncode == 0


def test_a_folder_cannot_break_the_seal(program: Localsearch) -> None:
    (program.folder / "localsearch.toml").write_text("unsealed = true\n")
    done = program.run("index", "documents")
    assert done.returncode == 1
    assert "localsearch.toml:1: unsealed cannot be set" in done.stderr
