"""The libraries of the workshop are an extra: is it installed, and which line installs it?"""

from __future__ import annotations

import json
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from localsearch.errors import MissingExtra

LIBRARIES = ("torch", "transformers", "sentence_transformers", "onnx", "onnxscript")


def need_extra() -> None:
    """Raises MissingExtra, with the line that installs it, when a library of the workshop is absent."""
    absent = [name for name in LIBRARIES if find_spec(name) is None]
    if absent:
        raise MissingExtra(
            f"Making encoders needs the 'compress' extra ({', '.join(absent)} not installed).", hint=install_line()
        )


def install_line() -> str:
    """As this localsearch was installed: from its folder or wheel. The one on PyPI is another program."""
    place = _installed_from()
    if place is not None and place.exists():
        return f"pip install {shlex.quote(f'{place}[compress]')}"
    return "pip install '.[compress]' in localsearch's folder, or the same with the path of its wheel for the point"


def _installed_from() -> Path | None:
    """The folder or wheel that pip was given (PEP 610); None where it does not say."""
    try:
        told = distribution("localsearch").read_text("direct_url.json")
        url = urlsplit(json.loads(told or "{}").get("url", ""))
    except (PackageNotFoundError, OSError, ValueError, AttributeError):
        return None
    return Path(unquote(url.path)) if url.scheme == "file" else None
