"""What a repair replaced: kept inside the index until something is forgotten, for then it must go as well."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from pathlib import Path

from localsearch.store.exchange import LOGS
from localsearch.store.folder import sync_file, sync_folder
from localsearch.store.sqlite import DATABASE

PARTS = (DATABASE, *LOGS)
"""Files that together are a database."""
_PREFIX = "replaced-"
_NAME = re.compile(r"replaced-\d{8}T\d{6}Z(-\d+)?", re.ASCII)


def keep_copy(folder: Path, workshop: Path) -> str:
    """Copy the database as it is; the name of the folder, which appears whole or not at all."""
    inside = workshop / "copy"
    inside.mkdir(mode=0o700)
    for part in PARTS:
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(folder / part, inside / part)
            (inside / part).chmod(0o600)
            sync_file(inside / part)
    name = first = f"{_PREFIX}{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    number = 1
    while (folder / name).exists():
        number += 1
        name = f"{first}-{number}"
    inside.rename(folder / name)
    sync_folder(folder)
    return name


def drop_copies(folder: Path) -> None:
    """Remove what repairs have kept. Only under the writer's lock."""
    for entry in os.scandir(folder):
        if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
