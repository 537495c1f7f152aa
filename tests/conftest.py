"""What every test gets: no network, no real home folder, and the folders that some tests read."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
TINY = ROOT / "tests" / "data" / "tiny_encoder"
PATIENCE = 600.0
"""Seconds after which something that is waited for is taken never to come. Waiting ends when it comes; this long it
takes only on a machine where each process gets a fraction of a processor."""

# How long an example takes says how busy the machine is.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of ../shared or of a program are deselected where it is absent: pytest counts and reports them.

    Continuous integration installs the programs; there a missing one is a failure, not a smaller run.
    """
    absent = [item for item in items if _lacks(item)]
    items[:] = [item for item in items if item not in absent]
    if absent:
        config.hook.pytest_deselected(items=absent)


def _lacks(item: pytest.Item) -> bool:
    if item.get_closest_marker("shared") and not SHARED.is_dir():
        return True
    if item.get_closest_marker("namespaces") and not _has_namespaces():
        return True
    programs = [marker.args[0] for marker in item.iter_markers("program")]
    return "CI" not in os.environ and any(shutil.which(program) is None for program in programs)


@cache
def _has_namespaces() -> bool:
    """Whether the kernel gives this user namespaces of its own: some distributions and most containers do not."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rmn", "true"], capture_output=True, check=False).returncode == 0


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
