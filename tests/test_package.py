"""What a program sees of the package, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import localsearch

HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "onnx",
    "textual",
    "sqlite_utils",
    "faiss",
    "onnxruntime",
    "kreuzberg",
}


def test_public_names() -> None:
    assert sorted(localsearch.__all__) == localsearch.__all__
    assert all(getattr(localsearch, name) is not None for name in localsearch.__all__)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Indexx'"):
        _ = localsearch.Indexx


@pytest.mark.parametrize(
    "module", ["localsearch", "localsearch.engine", "localsearch.cli.main", "localsearch.search.searcher"]
)
def test_importing_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(sorted({HEAVY!r} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_telemetry_is_off_before_anything_can_ask() -> None:
    code = "import localsearch, os; print(os.environ['ORT_DISABLE_TELEMETRY'], os.environ['HF_HUB_OFFLINE'])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["1", "1"]
