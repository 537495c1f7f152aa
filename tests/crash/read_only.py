"""Commands on an index below a read-only mount; run in a mount namespace of its own.

    unshare -rm python read_only.py INDEX DOCUMENTS

Prints what each says as JSON.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.crash.small_disk import run

COMMANDS = {
    "query": ("query", "--mode", "keyword", "--paths", "crane"),
    "semantic": ("query", "--mode", "semantic", "-k", "1", "--paths", "crane"),
    "status": ("status", "--json"),
    "doctor": ("doctor", "--full", "--json"),
}


def main(index: Path, documents: Path) -> None:
    mount = index.parent / "mounted"
    mount.mkdir()
    subprocess.run(["mount", "--bind", str(index), str(mount)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(mount)], check=True)
    told: dict[str, object] = {name: run(mount, *line) for name, line in COMMANDS.items()}
    told["index"] = run(mount, "index", str(documents))
    told["forget"] = run(mount, "forget", "--yes", str(documents / "0.md"))
    shutil.copy(documents / "log", index / "localsearch.db-wal")
    told["with a log"] = run(mount, *COMMANDS["query"])
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
