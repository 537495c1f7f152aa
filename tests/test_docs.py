"""The documents do not promise what is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from localsearch.store.schema import TABLES
from tests.conftest import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_file_that_the_architecture_names_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    names = set(re.findall(r"`([a-z_]+\.py)`", text))
    known = {path.name for path in (ROOT / "localsearch").rglob("*.py")}
    assert names - known == set()


def test_every_table_is_in_the_format_description() -> None:
    text = (ROOT / "docs" / "format.md").read_text()
    tables = re.findall(r"CREATE (?:VIRTUAL )?TABLE (\w+)", TABLES)
    assert [table for table in tables if f"`{table}`" not in text] == []


def test_the_licence_of_every_file_in_the_package_is_said() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "Apache" in (ROOT / "localsearch" / "encoder" / "default" / "NOTICE").read_text()
