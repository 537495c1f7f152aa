"""The systemd units that ship are accepted by systemd."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

UNITS = ROOT / "contrib" / "systemd"


@pytest.mark.program("systemd-analyze")
def test_the_units_are_accepted(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        shutil.copy(unit, tmp_path)
    service = tmp_path / "localsearch.service"
    service.write_text(service.read_text().replace("ExecStart=localsearch", f"ExecStart={sys.executable}"))
    units = sorted(map(str, tmp_path.iterdir()))
    command = ["systemd-analyze", "verify", "--user", "--man=no", "--recursive-errors=no", *units]
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"XDG_RUNTIME_DIR": str(tmp_path)}
    )
    assert (result.returncode, result.stderr) == (0, "")
