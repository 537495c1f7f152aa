"""Tests of the compression workshop need the extra `compress`: deselected, and counted, where torch is absent."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if find_spec("torch") is not None:
        return
    absent = [item for item in items if item.get_closest_marker("compress")]
    items[:] = [item for item in items if item not in absent]
    config.hook.pytest_deselected(items=absent)
