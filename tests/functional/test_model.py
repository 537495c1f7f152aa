"""`localsearch model` as one would type it."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import TINY
from tests.functional.conftest import Localsearch


def install(program: Localsearch, name: str, source: Path = TINY) -> Path:
    """Put a copy of an encoder where the user's encoders live."""
    folder = program.folder / "home" / ".local" / "share" / "localsearch" / "encoders" / name
    shutil.copytree(source, folder)
    return folder


def test_list_marks_the_encoder_of_the_index(own: Localsearch) -> None:
    install(own, "small")
    lines = own.run("model", "list").stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["default", "23.4"], ["*", "small"]]
    rows = json.loads(own.run("model", "list", "--json").stdout)
    assert [(row["name"], row["dim"], row["layers"], row["used"]) for row in rows] == [
        ("default", 384, 6, False),
        ("small", 32, 2, True),
    ]


def test_list_says_when_the_index_uses_another(indexed: Localsearch) -> None:
    done = indexed.run("model", "list")
    assert "*" not in done.stdout and "an encoder that is not in this list" in done.stderr


def test_list_without_an_index_and_with_a_damaged_encoder(program: Localsearch) -> None:
    (install(program, "broken") / "card.json").write_text("{")
    done = program.run("model", "list")
    assert done.returncode == 0 and "broken" in done.stderr and "broken" not in done.stdout


def test_show_prints_the_card_safely(program: Localsearch) -> None:
    folder = install(program, "evil")
    card = json.loads((folder / "card.json").read_text()) | {"origin": "\x1b[31mred", "quality": {"set": {"int8": 0.5}}}
    (folder / "card.json").write_text(json.dumps(card))
    shown = program.run("model", "show", "evil").stdout
    assert "<U+001B>[31mred" in shown and "\x1b" not in shown
    assert any(line.split() == ["quality", "set", "int8", "0.5"] for line in shown.splitlines())
    assert json.loads(program.run("model", "show", "evil", "--json").stdout) == card


def test_verify_passes_and_names_what_it_looked_at(program: Localsearch) -> None:
    install(program, "small")
    done = program.run("model", "verify", "--json")
    checks = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert {check["name"] for check in checks} == {"default", "small"} and len(checks) == 10


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "NOTICE"])
def test_verify_fails_on_a_changed_file(program: Localsearch, name: str) -> None:
    with (install(program, "small") / name).open("ab") as file:
        file.write(b" ")
    done = program.run("model", "verify", "small")
    assert done.returncode == 1 and "is damaged: it differs from its card" in done.stderr


def test_verify_fails_when_the_vector_is_not_the_one_on_the_card(program: Localsearch) -> None:
    folder = install(program, "small")
    card = json.loads((folder / "card.json").read_text())
    card["canonical"]["first_values"][0] += 0.1
    (folder / "card.json").write_text(json.dumps(card))
    done = program.run("model", "verify", "small")
    assert done.returncode == 1 and "canonical vector differs" in done.stderr


@pytest.mark.parametrize("name", ["nothing", "./nothing", "../small", "a b", ""])
def test_a_name_that_is_none(program: Localsearch, name: str) -> None:
    done = program.run("model", "show", name)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and repr(name) in done.stderr


def test_use_changes_the_index(own: Localsearch) -> None:
    install(own, "small")
    card = own.folder / "home" / ".local" / "share" / "localsearch" / "encoders" / "small" / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"passage_prefix": "p: ", "name": "small-int8"}))
    done = own.run("model", "use", "small")
    assert done.returncode == 0 and done.stdout == ""
    assert "the index uses small-int8: 4 passages (4 encoded)" in done.stderr
    assert "small-int8, 32 dimensions" in own.run("status").stdout
    assert own.run("query", "--paths", "hotel room").stdout.splitlines()[0] == "documents/travel.md"
    again = json.loads(own.run("model", "use", "small", "--json", "--quiet").stdout)
    assert (again["encoder"], again["encoded"], again["cut"], again["split_again"]) == ("small-int8", 0, 0, False)


def test_use_without_an_index(program: Localsearch) -> None:
    done = program.run("model", "use", "default")
    assert done.returncode == 1 and "No index at" in done.stderr


@pytest.mark.skipif(find_spec("torch") is not None, reason="says what happens without the extra")
def test_the_workshop_without_its_extra_says_how_to_install_it(program: Localsearch, tmp_path: Path) -> None:
    done = program.run("model", "quantize", "default", "--kind", "fp16")
    assert done.returncode == 1 and "[compress]'" in done.stderr and "'localsearch[compress]'" not in done.stderr
