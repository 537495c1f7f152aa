"""Forgetting and deleting on a disk without a free byte; run in a mount namespace of its own.

    unshare -rm python small_disk.py DISK DOCUMENTS [without-reserve]

Mounts a small file system at DISK, indexes DOCUMENTS there, fills it, and prints what the commands say as JSON.
`without-reserve` takes away the room that is kept for this: the negative control.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import TINY

SIZE = "24m"


def main(disk: Path, documents: Path, *, reserved: bool) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)], check=True)
    index = disk / "index"
    run(index, "index", "--quiet", "--encoder", str(TINY), str(documents))
    told = {"left before": left(index, "boards ship 7")}
    if not reserved:
        (index / "reserve").unlink()
    fill(disk / "fill")
    told["free"] = shutil.disk_usage(disk).free
    told["status"] = run(index, "status", "--json")[:1]
    told["query"] = run(index, "query", "--mode", "keyword", "-k", "1", "--paths", "crane")[:1]
    told["forget"] = run(index, "forget", "--yes", str(documents / "07.md"))
    told["left after"] = left(index, "boards ship 7")
    fill(disk / "fill again")
    for number in range(20, 40):
        (documents / f"{number}.md").unlink()
    told["index"] = run(index, "index")
    (disk / "fill").unlink()
    told["with room"] = run(index, "index")
    held = json.loads(run(index, "status", "--json")[1])
    told |= {"passages": held["passages"], "cached": held["cached"]}
    print(json.dumps(told))


def run(index: Path, *arguments: str) -> tuple[int, str, str]:
    line = [sys.executable, "-m", "localsearch", "--index", str(index), *arguments]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def left(index: Path, text: str) -> list[str]:
    return [path.name for path in index.iterdir() if path.is_file() and text.encode() in path.read_bytes()]


def fill(path: Path) -> None:
    """Write until the last page is taken."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), reserved=len(sys.argv) < 4)
