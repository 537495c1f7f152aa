"""Every setting, from every source, with its origin; and a bad value is named with its place."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from localsearch.errors import SettingsError
from localsearch.records import Mode
from localsearch.settings import LIMITS, NAMES, Settings, load, user_file


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working folder and no variables of ours."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(f"LOCALSEARCH_{name.upper()}", raising=False)
    return tmp_path


def write_user_file(text: str) -> Path:
    path = user_file()
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_defaults() -> None:
    loaded = load()
    assert loaded.settings == Settings()
    assert loaded.origins == dict.fromkeys((field.name for field in fields(Settings)), "default")


def test_each_source_gives_way_to_the_next(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    personal = write_user_file("results = 1\nworkers = 1\nmax_file_mb = 1\nmode = 'keyword'\n")
    (here / "localsearch.toml").write_text("# ours\n\nresults = 2\nworkers = 2\nmax_file_mb = 2\n")
    monkeypatch.setenv("LOCALSEARCH_RESULTS", "3")
    monkeypatch.setenv("LOCALSEARCH_WORKERS", "3")
    monkeypatch.setenv("LOCALSEARCH_ENCODER", "")
    loaded = load({"results": 4, "passage_size": None})
    assert loaded.settings == Settings(results=4, workers=3, max_file_mb=2, mode=Mode.KEYWORD)
    assert loaded.origins == {
        "results": "command line",
        "workers": "environment LOCALSEARCH_WORKERS",
        "max_file_mb": "./localsearch.toml:5",
        "mode": f"{personal}:4",
        "encoder": "default",
        "passage_size": "default",
        "unsealed": "default",
    }


def test_the_encoder_in_a_file_is_relative_to_the_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here / "home"))
    personal = write_user_file('encoder = "models/small"\n')
    assert load().settings.encoder == str(personal.parent / "models" / "small")
    (here / "localsearch.toml").write_text("encoder = '~/models'\n")
    assert load().settings.encoder == str(here / "home" / "models")
    (here / "localsearch.toml").write_text("encoder = ''\n")
    assert load().settings.encoder == ""
    assert load({"encoder": "models"}).settings.encoder == "models"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("result = 3", "./localsearch.toml:1: there is no setting 'result'."),
        ("\n[results]\nk = 3", "./localsearch.toml:2: results is {'k': 3}"),
        ("[search]\nresults = 3", "./localsearch.toml:1: there is no setting 'search'."),
        ("workers = 0\nresults = 0", "./localsearch.toml:2: results is 0; it must be a whole number from 1 to 1,000."),
        ("results = true", "./localsearch.toml:1: results is True; it must be a whole number"),
        ("results = '3'", "./localsearch.toml:1: results is '3'; it must be a whole number"),
        ("results = 1.5", "./localsearch.toml:1: results is 1.5; it must be a whole number"),
        ("'workers' = 65", "./localsearch.toml:1: workers is 65; it must be a whole number from 0 to 64."),
        ("max_file_mb = -1", "max_file_mb is -1; it must be a whole number from 1 to 10,000."),
        ("passage_size = 1000", "passage_size is 1000; it must be a whole number from 50 to 400."),
        ("mode = 'fuzzy'", "mode is 'fuzzy'; it must be one of hybrid, semantic, keyword."),
        ("mode = 1", "mode is 1; it must be one of hybrid, semantic, keyword."),
        ("encoder = 5", "encoder is 5; it must be a folder's path in quotes."),
        (
            "mode = 'keyword'\nresults = x",
            "./localsearch.toml is not valid TOML: Invalid value (at line 2, column 11).",
        ),
        ("results = " + "[" * 20_000, "./localsearch.toml is not valid TOML"),
    ],
)
def test_a_bad_value_in_a_file_is_named_with_its_line(here: Path, text: str, message: str) -> None:
    (here / "localsearch.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load()
    assert message in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "value"), [("results", "many"), ("workers", "1e3"), ("results", "1001"), ("mode", "x")]
)
def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"LOCALSEARCH_{name.upper()}", value)
    with pytest.raises(
        SettingsError, match=f"^environment LOCALSEARCH_{name.upper()}: {name} is '?{value}'?; it must be"
    ):
        load()


def test_a_bad_flag_is_named() -> None:
    with pytest.raises(SettingsError, match=r"^command line: results is 0; it must be a whole number from 1 to 1,000"):
        load({"results": 0})


def test_unknown_names_come_with_the_known_ones(here: Path) -> None:
    (here / "localsearch.toml").write_text("k = 3\n")
    with pytest.raises(SettingsError) as caught:
        load()
    assert caught.value.hint == "Settings: encoder, results, mode, workers, max_file_mb, passage_size, unsealed."


def test_files_that_cannot_be_read_are_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = here / "localsearch.toml"
    file.write_bytes(b"encoder = '\xff'\n")
    with pytest.raises(SettingsError, match="not UTF-8 text"):
        load()

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("localsearch.settings.os.open", refuse)
    with pytest.raises(SettingsError, match="cannot be read: Permission denied"):
        load()


def test_a_folder_or_pipe_of_that_name_is_no_settings_file(here: Path) -> None:
    (here / "localsearch.toml").mkdir()
    assert load().settings == Settings()
    (here / "localsearch.toml").rmdir()
    os.mkfifo(here / "localsearch.toml")
    assert load().settings == Settings()


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("False", False), ("0", False)])
def test_truths_of_the_environment(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("LOCALSEARCH_UNSEALED", text)
    assert load().settings.unsealed is value


def test_the_seal_is_broken_by_its_owner_alone(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "localsearch.toml").write_text("results = 3\nunsealed = true\n")
    with pytest.raises(SettingsError, match=r"localsearch\.toml:2: unsealed cannot be set by the folder"):
        load()
    (here / "localsearch.toml").unlink()
    personal = write_user_file("unsealed = true\n")
    assert load().settings.unsealed is True
    personal.write_text("unsealed = 1\n")
    with pytest.raises(SettingsError, match="it must be true or false"):
        load()
    monkeypatch.setenv("LOCALSEARCH_UNSEALED", "perhaps")
    personal.unlink()
    with pytest.raises(SettingsError, match="environment LOCALSEARCH_UNSEALED: unsealed is 'perhaps'"):
        load()


def test_every_number_has_limits_that_hold_its_default() -> None:
    numbers = {field.name: field.default for field in fields(Settings) if type(field.default) is int}
    assert numbers.keys() == LIMITS.keys()
    assert all(LIMITS[name][0] <= default <= LIMITS[name][1] for name, default in numbers.items())


def test_without_files_no_parser_is_loaded() -> None:
    code = "import sys, localsearch.settings as s; s.load(); print('tomllib' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
