"""A command pays only for what it uses: what a query imports, and what it does not."""

from __future__ import annotations

import pytest

from tests.functional.conftest import Localsearch

NEVER = {
    "torch",
    "transformers",
    "sentence_transformers",
    "onnx",
    "textual",
    "sqlite_utils",
    "rich",
    "pydantic",
    "click",
}
"""Nothing that a query does needs these."""
HEAVY = {"onnxruntime", "tokenizers", "faiss", "kreuzberg", "numpy"}


def imported(program: Localsearch, *arguments: str) -> set[str]:
    """Top-level modules that a command imports, by the interpreter's own account."""
    done = program.run(*arguments, environment={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0, done.stderr
    names = (line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {name.partition(".")[0] for name in names}


def test_a_query_imports_what_it_uses(indexed: Localsearch) -> None:
    modules = imported(indexed, "query", "-k", "3", "--type", "md", "the landlord's notice")
    assert modules & NEVER == set()
    assert {"numpy", "onnxruntime", "tokenizers", "pysqlite3", "typer"} <= modules
    assert "kreuzberg" not in modules


def test_a_keyword_query_loads_no_encoder(indexed: Localsearch) -> None:
    modules = imported(indexed, "query", "--mode", "keyword", "landlord")
    assert modules & (NEVER | {"onnxruntime", "tokenizers", "kreuzberg"}) == set()


@pytest.mark.parametrize(
    "arguments", [("--version",), ("--help",), ("query", "--help"), ("config", "show"), ("model", "--help")]
)
def test_help_and_settings_load_nothing_heavy(program: Localsearch, arguments: tuple[str, ...]) -> None:
    assert imported(program, *arguments) & (NEVER | HEAVY | {"pysqlite3"}) == set()


def test_status_loads_no_encoder(indexed: Localsearch) -> None:
    assert imported(indexed, "status") & (NEVER | {"onnxruntime", "tokenizers", "kreuzberg"}) == set()


def test_looking_at_encoders_loads_none(indexed: Localsearch) -> None:
    assert imported(indexed, "model", "list") & (NEVER | {"onnxruntime", "tokenizers", "kreuzberg"}) == set()
    assert imported(indexed, "model", "show", "default") & (NEVER | HEAVY) == set()
    assert imported(indexed, "model", "verify") & NEVER == set()


def test_a_summary_loads_no_parser_and_one_by_words_no_encoder(indexed: Localsearch) -> None:
    modules = imported(indexed, "summarize", "documents/lease.md")
    assert modules & (NEVER | {"kreuzberg", "faiss"}) == set() and "onnxruntime" in modules
    by_words = imported(indexed, "summarize", "--query", "landlord", "--mode", "keyword")
    assert by_words & (NEVER | {"onnxruntime", "tokenizers", "kreuzberg"}) == set()


def test_the_account_of_imports_is_complete(own: Localsearch) -> None:
    (own.documents / "new.txt").write_text("A new document.")
    assert {"sqlite_utils", "onnxruntime"} <= imported(own, "index")
