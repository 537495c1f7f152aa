"""How much memory one encoder takes, in a process of its own.

    python -m localsearch.compress.compare.memory FOLDER < TEXTS      TEXTS: a JSON array

prints the bytes of the largest resident set. A child's own `ru_maxrss` would not do: Linux counts into it what the
parent held when the child was started.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from localsearch.errors import EncoderError

STATUS = Path("/proc/self/status")


def peak_memory(folder: Path, texts: Sequence[str]) -> int:
    """Bytes at the highest, with one thread: interpreter, libraries, model and the texts. Raises EncoderError."""
    command = [sys.executable, "-m", __name__, str(folder)]
    done = subprocess.run(command, input=json.dumps(list(texts)), capture_output=True, text=True, check=False)
    if done.returncode != 0 or not done.stdout.strip().isdigit():
        last = done.stderr.strip().rpartition("\n")[2]
        raise EncoderError(f"The memory of the encoder at {folder} could not be measured: {last}.")
    return int(done.stdout)


def own_peak() -> int:
    """Bytes at the highest of this process since its program was started."""
    try:
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    except (OSError, StopIteration):  # another system
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return int(line.split()[1]) * 1024


def main() -> None:
    from localsearch.encoder.onnx import Encoder
    from localsearch.privacy import seal

    seal()
    Encoder.load(Path(sys.argv[1]), threads=1).encode_passages(json.load(sys.stdin))
    sys.stdout.write(f"{own_peak()}\n")


if __name__ == "__main__":
    main()
