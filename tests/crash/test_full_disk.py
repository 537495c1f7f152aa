"""Deleting works on a full disk: a real one, small, without a free byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.crash import small_disk


def on_a_full_disk(folder: Path, *options: str) -> dict[str, Any]:
    """What the commands say there, see `small_disk`."""
    documents, disk = folder / "documents", folder / "disk"
    documents.mkdir()
    disk.mkdir()
    for number in range(40):
        text = "The crane lifts many tons of cargo every single morning in the harbour. " * 12
        parts = [f"# Berth {number}.{part}\n\nThe pilot boards ship {number}-{part}. {text}" for part in range(3)]
        (documents / f"{number:02}.md").write_text("\n\n".join(parts))
    line = ["unshare", "-rm", sys.executable, small_disk.__file__, str(disk), str(documents), *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["left before"], "the test tests nothing"
    assert told["free"] == 0
    return told


@pytest.mark.namespaces
def test_forgetting_and_deleting_need_no_free_byte(tmp_path: Path) -> None:
    told = on_a_full_disk(tmp_path)
    assert (told["status"], told["query"]) == ([0], [0]), "searching needs room for 32 KiB that nobody else has made"
    assert told["forget"][0] == 0, told["forget"]
    assert told["left after"] == []
    assert told["index"][0] == 0, told["index"]
    assert "20 removed" in told["index"][2]
    assert told["with room"][0] == 0
    assert told["cached"] == told["passages"], "the FAISS file is made anew once there is room"


@pytest.mark.namespaces
def test_without_room_kept_for_it_forgetting_fails_and_says_so(tmp_path: Path) -> None:
    told = on_a_full_disk(tmp_path, "without-reserve")
    assert told["forget"][0] == 4
    assert "Check free disk space" in told["forget"][2]
    assert told["left after"], "nothing was promised"
