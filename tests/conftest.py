"""What every test gets: no network, no real home folder, and the folders that some tests read."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
TINY = ROOT / "tests" / "data" / "tiny_encoder"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of ../shared are deselected where it is absent: pytest counts and reports them."""
    if SHARED.is_dir():
        return
    absent = [item for item in items if item.get_closest_marker("shared")]
    items[:] = [item for item in items if item not in absent]
    config.hook.pytest_deselected(items=absent)


def _refuse(*_: object) -> None:
    raise AssertionError("a test tried to open a network connection")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every test runs with an empty home, no settings of this machine and no way out."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALSEARCH_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket.socket, "connect", _refuse)


@pytest.fixture
def shared() -> Path:
    """The folder of public test data beside the project."""
    return SHARED
