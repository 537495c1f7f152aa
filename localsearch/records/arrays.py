"""Names for numpy's arrays; they cost no import of numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Float32Matrix: TypeAlias = NDArray[np.float32]
    Float32Vector: TypeAlias = NDArray[np.float32]
    Int64Vector: TypeAlias = NDArray[np.int64]
