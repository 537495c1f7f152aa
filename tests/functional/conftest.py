"""Real processes over a few documents, with the tiny encoder, an empty home and none of CI's variables."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conftest import PATIENCE, ROOT, TINY

DOCUMENTS = {
    "lease.md": "# Lease\n\n## Notice\n\nThe tenant tells the landlord three months before moving out.\n",
    "travel.md": "# Travel policy\n\n## Hotels\n\nA hotel room may cost 150 euros a night.\n",
    "deep/prices.csv": "article,price\nbolt,0.20\nwasher,0.05\n",
    "deep/kündigung.txt": "Die Kündigungsfrist beträgt drei Monate zum Monatsende.\n",
}


@dataclass(frozen=True)
class Localsearch:
    """The program as a user runs it: `run("query", "lease")`."""

    folder: Path
    """Holds the home folder, the documents and the index."""
    environment: dict[str, str]
    prefix: tuple[str, ...] = ()
    """A program that starts it, and that program's arguments."""

    @property
    def documents(self) -> Path:
        return self.folder / "documents"

    @property
    def index(self) -> Path:
        return self.folder / "index"

    @property
    def command(self) -> list[str]:
        return [*self.prefix, sys.executable, "-m", "localsearch"]

    def without_root_rights(self) -> Localsearch:
        """The same, but permissions hold for it even when root runs the tests."""
        if os.geteuid() != 0:
            return self
        return replace(self, prefix=("setpriv", "--bounding-set", "-dac_override,-dac_read_search"))

    def run(
        self, *arguments: str | bytes | Path, input: str | None = None, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.folder,
            env=self.environment | (environment or {}),
            input=input,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=PATIENCE,
        )


def make(folder: Path) -> Localsearch:
    (folder / "home").mkdir()
    for name, text in DOCUMENTS.items():
        path = folder / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    environment = {
        "HOME": str(folder / "home"),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "LOCALSEARCH_INDEX": str(folder / "index"),
        "LOCALSEARCH_ENCODER": str(TINY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
    }
    return Localsearch(folder, environment)


@pytest.fixture
def program(tmp_path: Path) -> Localsearch:
    """The program with some documents and no index."""
    return make(tmp_path)


@pytest.fixture(scope="session")
def _indexed_once(tmp_path_factory: pytest.TempPathFactory) -> Localsearch:
    once = make(tmp_path_factory.mktemp("indexed"))
    done = once.run("index", "documents")
    assert done.returncode == 0, done.stderr
    return once


@pytest.fixture
def indexed(_indexed_once: Localsearch) -> Localsearch:
    """The program with its documents indexed, shared by all tests: only for those that change nothing."""
    return _indexed_once


@pytest.fixture
def own(program: Localsearch) -> Localsearch:
    """The program with an index of its own, to be changed or broken."""
    done = program.run("index", "documents")
    assert done.returncode == 0, done.stderr
    return program


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """The path of a program that a test needs; its absence is a failure, not a reason to skip."""

    def find(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            pytest.fail(f"this test needs {name}: apt-get install {name}")
        return found

    return find
