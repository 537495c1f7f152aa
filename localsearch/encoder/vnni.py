"""Has this CPU VNNI, the instructions that multiply 8-bit integers and add the products in 32 bits?

x86 CPUs without them add pairs of products in 16 bits, which weights in all 8 bits overflow: the vectors come out
wrong, without a word.
"""

from __future__ import annotations

from pathlib import Path

from localsearch.errors import EncoderError

CPU = Path("/proc/cpuinfo")
FULL_RANGE = "int8-full"
"""`dtype` on the card of an encoder whose weights have all 8 bits."""


def has_vnni() -> bool:
    """False where the system does not tell."""
    try:
        lines = CPU.read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "").split()
    return bool({"avx512_vnni", "avx_vnni"} & set(flags))


def need_vnni(what: str) -> None:
    """Raises EncoderError on a CPU that would compute weights in all 8 bits wrongly. `what`: the encoder."""
    if not has_vnni():
        raise EncoderError(
            f"{what} needs a CPU with VNNI: its weights in all 8 bits would overflow here and give wrong vectors.",
            hint="Use its int8 version (model quantize --kind int8), which is right on every CPU.",
        )
