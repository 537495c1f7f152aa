"""Which encoders are there, and which folder does a name mean?

`default` is the one inside the package. All others are folders in the user's data folder, named by their folder's name.
A name with a slash is the path of a folder anywhere.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from localsearch.encoder.card import CARD
from localsearch.encoder.onnx import DEFAULT
from localsearch.errors import EncoderError
from localsearch.paths import encoders_folder

DEFAULT_NAME = "default"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def installed() -> list[tuple[str, Path]]:
    """Name and folder of every encoder: the default one, then the user's by name. They may be damaged."""
    try:
        entries = sorted(os.scandir(encoders_folder()), key=lambda entry: entry.name)
    except OSError:
        entries = []
    own = [(entry.name, Path(entry.path)) for entry in entries if _NAME.fullmatch(entry.name) and entry.is_dir()]
    return [(DEFAULT_NAME, DEFAULT), *own]


def find_encoder(name: str) -> Path:
    """The folder that a name or a path with a slash means. Raises EncoderError when there is none."""
    if name == DEFAULT_NAME:
        return DEFAULT
    folder = Path(name).expanduser().absolute() if "/" in name else encoders_folder() / checked_name(name)
    if not (folder / CARD).exists():
        raise EncoderError(
            f"There is no encoder {name!r}.",
            hint="`localsearch model list` shows those there are; write a folder's path with a slash (./NAME).",
        )
    return folder


def new_folder(name: str) -> Path:
    """Where an encoder of this name will be. Raises EncoderError when the name is taken or cannot be one."""
    if name == DEFAULT_NAME or (folder := encoders_folder() / checked_name(name)).exists():
        raise EncoderError(f"There is an encoder {name!r} already.", hint="Choose another name with --name.")
    return folder


def checked_name(name: str) -> str:
    """Raises EncoderError when an encoder cannot have this name."""
    if _NAME.fullmatch(name) is None:
        raise EncoderError(
            f"{name!r} cannot be an encoder's name.",
            hint="Use letters, digits, points, dashes and underscores, at most 64, and begin with a letter or digit.",
        )
    return name
