"""docs/cli.md and docs/errors.md are complete, and every --help has an example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from localsearch import errors
from localsearch.cli.app import command
from localsearch.errors import LocalSearchError
from localsearch.settings import NAMES
from tests.conftest import ROOT

CLI = (ROOT / "docs" / "cli.md").read_text()
ERRORS = (ROOT / "docs" / "errors.md").read_text()


def commands(parent: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every command that does something, by the words that call it."""
    for name, child in parent.commands.items():
        words = f"{path} {name}".strip()
        if hasattr(child, "commands"):
            yield from commands(child, words)
        else:
            yield words, child


COMMANDS = dict(commands(command()))


def section(words: str) -> str:
    """The part of docs/cli.md about one command."""
    found = re.search(rf"^## localsearch {words}\b.*?(?=^## |\Z)", CLI, re.MULTILINE | re.DOTALL)
    assert found, f"docs/cli.md has no section for {words}"
    return found[0]


def test_the_commands_are_the_expected_ones() -> None:
    assert sorted(COMMANDS) == [
        "audit",
        "backup",
        "config show",
        "doctor",
        "eval",
        "forget",
        "index",
        "model compare",
        "model discard",
        "model distill",
        "model import",
        "model list",
        "model optimize",
        "model prune",
        "model quantize",
        "model show",
        "model use",
        "model verify",
        "query",
        "roots",
        "status",
        "summarize",
        "tui",
    ]


@pytest.mark.parametrize("words", COMMANDS)
def test_every_option_is_in_the_reference(words: str) -> None:
    part = section(words)
    options = [name for option in COMMANDS[words].params for name in option.opts if name.startswith("-")]
    assert options and [name for name in options if f"`{name}" not in part] == []


@pytest.mark.parametrize("words", COMMANDS)
def test_the_reference_promises_no_option_that_is_not_there(words: str) -> None:
    promised = set(re.findall(r"^\| `(-[-\w]+)", section(words), re.MULTILINE))
    assert promised <= {name for option in COMMANDS[words].params for name in option.opts}


def test_the_options_of_the_program_are_in_the_reference() -> None:
    head = CLI.split("\n## ")[0]
    assert [name for option in command().params for name in option.opts if f"`{name}" not in head] == []


@pytest.mark.parametrize("words", COMMANDS)
def test_every_help_has_an_example(words: str) -> None:
    text = COMMANDS[words].help
    assert "Examples:" in text and f"  localsearch {words}" in text
    assert f"    localsearch {words}" in section(words)


FAILURES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LocalSearchError)]


@pytest.mark.parametrize("kind", FAILURES)
def test_every_failure_is_listed_with_its_exit_code(kind: type[LocalSearchError]) -> None:
    assert f"\n## {kind.__name__} (exit code {kind.exit_code})\n" in ERRORS


def test_every_setting_is_in_the_reference() -> None:
    part = section("config show")
    assert [name for name in NAMES if f"| `{name}` |" not in part] == []
